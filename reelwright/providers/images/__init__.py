"""Pictures by models of vendors and of one's own, one file each. The offline drawings are `reelwright.drawn`."""
