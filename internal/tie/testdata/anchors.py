"""Measures what igraph and NetworKit need for the ties of a graph, where they are installed.

Arguments: a file of ties (two numbers from 0 on a line), how many people, then what to measure. Prints JSON: seconds of
processor time by name, reading left out, and the values of overlap and constraint when "values" is asked for.
"""

import json
import sys
import time


def timed(out, name, f):
    begin = time.process_time()
    value = f()
    out["seconds"][name] = time.process_time() - begin
    return value


def by_igraph(path, people, want, out):
    import igraph

    ties = [tuple(map(int, line.split())) for line in open(path)]
    g = igraph.Graph(n=people, edges=ties)
    if "overlap" in want:
        # igraph knows Jaccard's n/(a+b-n) of neighbours; overlap is n/(a+b-2-n).
        jaccard = timed(out, "igraph overlap", lambda: g.similarity_jaccard(pairs=ties, loops=False))
        if "values" in want:
            degree = g.degree()
            both = [degree[a] + degree[b] for a, b in ties]
            common = [j * k / (1 + j) for j, k in zip(jaccard, both)]
            out["overlap"] = [n / (k - 2 - n) if n > 0 else 0 for n, k in zip(common, both)]
    if "constraint" in want:
        constraint = timed(out, "igraph constraint", g.constraint)
        if "values" in want:
            out["constraint"] = [None if c != c else c for c in constraint]
    if "circles" in want:
        c = timed(out, "igraph leiden", lambda: g.community_leiden(objective_function="modularity", n_iterations=2))
        out["modularity"]["igraph leiden"] = g.modularity(c)


def by_networkit(path, people, want, out):
    import networkit as nk

    nk.setNumberOfThreads(1)
    g = nk.readGraph(path, nk.graphio.EdgeListReader(" ", 0, continuous=True, directed=False))
    g.indexEdges()
    if "overlap" in want:
        def overlap():
            score = nk.sparsification.TriangleEdgeScore(g)
            score.run()
            return score.scores()

        timed(out, "networkit overlap", overlap)  # without the division: less than what is measured here
    if "circles" in want:
        for name, make in (("plm", lambda: nk.community.PLM(g, refine=False)), ("leiden", lambda: nk.community.ParallelLeiden(g))):
            a = make()
            timed(out, "networkit " + name, a.run)
            out["modularity"]["networkit " + name] = nk.community.Modularity().getQuality(a.getPartition(), g)


def main():
    path, people, want = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    out = {"seconds": {}, "modularity": {}, "missing": []}
    for name, f in (("igraph", by_igraph), ("networkit", by_networkit)):
        try:
            f(path, people, want, out)
        except ImportError:
            out["missing"].append(name)
    json.dump(out, sys.stdout)


main()
