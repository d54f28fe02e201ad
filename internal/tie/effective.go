package tie

// EffectiveSizes are, by person, how many separate people their ties amount to where a tie counts what it weighs (Burt 1992,
// chapter 2): the sum over j of 1 - sum over q of p_iq·m_jq, with a the weights both ways, p_iq = a_iq over all of i's and m_jq =
// a_jq over j's largest. From above 0 to the number of ties; 0 for somebody without ties. With equal weights it is
// Ties.EffectiveSize.
func (g *Graph) EffectiveSizes() []float64 {
	n := g.People()
	all, most, redundant := make([]float64, n), make([]float64, n), make([]float64, n) // by rank
	for r := range g.person {
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			w, s := g.weight(Edge(e)), g.up[e]
			all[r] += w
			all[s] += w
			most[r], most[s] = max(most[r], w), max(most[s], w)
		}
	}
	g.triangles(func(u, v, w int32, uv, uw, vw Edge) {
		a, b, c := g.weight(uv), g.weight(uw), g.weight(vw)
		// Of i with j and q: what leads to q by way of j, and to j by way of q.
		redundant[u] += c * (b/most[v] + a/most[w]) / all[u]
		redundant[v] += b * (c/most[u] + a/most[w]) / all[v]
		redundant[w] += a * (c/most[u] + b/most[v]) / all[w]
	})
	sizes := make([]float64, n)
	for r, p := range g.person {
		sizes[p] = float64(g.degree(int32(r))) - redundant[r]
	}
	return sizes
}
