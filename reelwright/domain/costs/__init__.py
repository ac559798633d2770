"""Money: amounts, what a piece may cost, and the limits of a channel's budget."""
