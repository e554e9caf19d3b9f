"""Reading pictures that strangers made: what is taken, how it is decoded, and what is made from it. Never Django.

Files are decoded only in a limited child process (`child`), which `workshop` starts and replaces.
"""
