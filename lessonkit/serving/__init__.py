"""Several processes that serve pages, behind one port: for a class that is too many for one."""
