"""Recovery options: the live desk gathered, its plans simulated, one of them applied and taken back."""
