"""What is reported of commitments: breaches with their reasons, exclusions, pauses, and attainment over all clocks."""
