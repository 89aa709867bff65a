"""Balance: how much work there is for whom, which moves would even it out, and who got what over the last weeks."""
