"""Desks, regions, teams, people, skills, users and their rights."""
