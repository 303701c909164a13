"""Checkers of histories: pure functions from what clients saw to a judgement.

    history     operations as intervals, and how to record them
    objects     what objects do if their operations come one by one
    linear      linearizable
    registers   safe, regular, atomic
    orders      sequentially consistent, FIFO, one-copy serializable
    causality   causally consistent, session guarantees, convergence

They know nothing of protocols, worlds or files: a protocol's properties judge the histories that
its clients make, and `playground lincheck` those that were recorded elsewhere.
"""
