"""What activities are handed (Protocols). The workers build the concrete things."""
