"""The engine: a process of its own where everything that takes long happens.

`jobs` is what it writes down about downloads and the like, `tasks` what its workers run, `dispatcher` who
gets which run next, `server` the process, `client` the way to it from an app or a command line.
"""
