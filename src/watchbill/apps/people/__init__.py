"""Desks, regions, teams, partners, people, skills, users and their rights."""
