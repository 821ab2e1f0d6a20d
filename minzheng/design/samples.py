PAGES = {}
def guide(bound): return {}
