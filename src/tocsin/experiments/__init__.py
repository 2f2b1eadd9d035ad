"""Many runs and what can be said about them: ensembles, paired contrasts, the joint gate."""
