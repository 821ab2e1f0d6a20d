"""动态监测: the library of people with low income, the nightly sweep over all households, alerts and what was done.

Other rooms take `read_facts` (the population as the rules read it) from `reading`.
"""
