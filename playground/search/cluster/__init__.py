"""Searches on many machines, by Dask distributed: the extra `playground[cluster]`.

What runs on a worker is a pure function of what it is given, so that whatever a lost worker knew is
worked out again by another one.  A worker remembers more than that, to be fast (see `Desk`), and
does without if it has to.

    everything  both searches
    reach       a cluster by its address, and results from it
    job         what is searched, on its way to a worker
    desk        where a worker works, and what it remembers
    batch       worlds on their way from one process to another
    owners      which worker has which worlds
    part        what a worker does of an exhaustive search
    frontier    the exhaustive search
    campaign    random walks
    hearing     what workers have found out, put together
"""
