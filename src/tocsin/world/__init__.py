"""Who there is: people, places, ties and the numbers of one draw from the priors."""
