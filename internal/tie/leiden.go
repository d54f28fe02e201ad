package tie

import "math/rand/v2"

// net is what the Leiden algorithm works on: people at first, groups of people later.
type net struct {
	at     []int
	to     []int32
	weight []float32
	// strength is the weight of all that ends at a node, inner what lies within it, counted from both ends.
	strength, inner []float64
	// total is the sum of strength: twice the weight of all ties.
	total float64
}

func newNet(g *Graph, unweighted bool) *net {
	n := g.People()
	all := &net{at: make([]int, n+1), to: make([]int32, 2*g.Edges()), weight: make([]float32, 2*g.Edges()), strength: make([]float64, n), inner: make([]float64, n)}
	i := 0
	for r := range n {
		put := func(s int32, e Edge) {
			w := g.forth[e] + g.back[e]
			if unweighted {
				w = 1
			}
			all.to[i], all.weight[i] = s, w
			all.strength[r] += float64(w)
			i++
		}
		for j := g.downAt[r]; j < g.downAt[r+1]; j++ {
			put(g.down[j], g.downEdge[j])
		}
		for e := g.upAt[r]; e < g.upAt[r+1]; e++ {
			put(g.up[e], Edge(e))
		}
		all.at[r+1] = i
		all.total += all.strength[r]
	}
	return all
}

// leiden is one search, with room for all its turns.
type leiden struct {
	resolution float64
	random     *rand.Rand
	moves      int // how many nodes went elsewhere

	sum     []float64 // of each group, what the node at hand has to do with it
	touched []int32   // the groups with a sum
	mass    []float64 // of each group, the strength
	count   []int32   // of each group, how many nodes
	queue   []int32
	waits   []bool
	order   []int32
	cut     []float64 // of each part, what joins it to the rest of its circle
}

func newLeiden(n *net, o CircleOptions) *leiden {
	size := len(n.strength)
	return &leiden{
		resolution: o.Resolution, random: rand.New(rand.NewPCG(o.Seed, 0x7469e)), sum: make([]float64, size), mass: make([]float64, size),
		count: make([]int32, size), queue: make([]int32, size), waits: make([]bool, size), order: make([]int32, size), cut: make([]float64, size),
	}
}

// round goes from a division of the nodes of base to a better one.
func (l *leiden) round(base *net, of []int32) []int32 {
	n := base
	home := make([]int32, len(of)) // the node of n in which each of base is
	for v := range home {
		home[v] = int32(v)
	}
	for {
		l.move(n, of)
		groups := compact(of, l.order)
		if groups == len(of) {
			break
		}
		parts := l.refine(n, of, groups)
		many := compact(parts, l.order)
		if many == len(of) { // nothing holds together any more than it did
			break
		}
		next := n.gather(parts, many, l.sum)
		up := make([]int32, many)
		for v, k := range parts {
			up[k] = of[v]
		}
		for v := range home {
			home[v] = parts[home[v]]
		}
		n, of = next, up
	}
	all := make([]int32, len(home))
	for v, k := range home {
		all[v] = of[k]
	}
	return all
}

// compact renumbers groups from 0 on in the order in which they appear, and says how many there are.
func compact(of, room []int32) int {
	room = room[:len(of)]
	for i := range room {
		room[i] = -1
	}
	n := int32(0)
	for v, k := range of {
		if room[k] < 0 {
			room[k] = n
			n++
		}
		of[v] = room[k]
	}
	return int(n)
}

// shuffled is the nodes in a random order.
func (l *leiden) shuffled(into []int32) {
	for i := range into {
		j := l.random.IntN(i + 1)
		into[i] = into[j]
		into[j] = int32(i)
	}
}

// move lets nodes go to the group with which they have most to do, until nobody wants to.
func (l *leiden) move(n *net, of []int32) {
	size := len(of)
	mass, count := l.mass[:size], l.count[:size]
	clear(mass)
	clear(count)
	for v, k := range of {
		mass[k] += n.strength[v]
		count[k]++
	}
	empty := make([]int32, 0, size) // groups that nobody is in
	for k := size - 1; k >= 0; k-- {
		if count[k] == 0 {
			empty = append(empty, int32(k))
		}
	}
	queue, waits := l.queue[:size], l.waits[:size]
	l.shuffled(queue)
	for i := range waits {
		waits[i] = true
	}
	factor := 0.0
	if n.total > 0 {
		factor = l.resolution / n.total
	}
	sum, touched := l.sum, l.touched[:0]
	for head, left := 0, size; left > 0; left-- {
		v := queue[head]
		if head++; head == size {
			head = 0
		}
		waits[v] = false
		own := of[v]
		to, weight := n.to[n.at[v]:n.at[v+1]], n.weight[n.at[v]:n.at[v+1]]
		if len(to) == 0 {
			continue
		}
		touched = touched[:0]
		for i, u := range to {
			k := of[u]
			if sum[k] == 0 {
				touched = append(touched, k)
			}
			sum[k] += float64(weight[i])
		}
		pull := factor * n.strength[v]
		stay := sum[own] - pull*(mass[own]-n.strength[v])
		best, most := own, stay
		for _, k := range touched {
			if k != own {
				if gain := sum[k] - pull*mass[k]; gain > most {
					best, most = k, gain
				}
			}
			sum[k] = 0
		}
		sum[own] = 0
		if most < 0 && count[own] > 1 && len(empty) > 0 {
			best, most = empty[len(empty)-1], 0
		}
		if best == own || most-stay <= 1e-12*n.strength[v] {
			continue
		}
		l.moves++
		if count[best] == 0 {
			empty = empty[:len(empty)-1]
		}
		mass[own] -= n.strength[v]
		count[own]--
		if count[own] == 0 {
			mass[own] = 0
			empty = append(empty, own)
		}
		mass[best] += n.strength[v]
		count[best]++
		of[v] = best
		for _, u := range to {
			if !waits[u] && of[u] != best {
				waits[u] = true
				at := head + left - 1
				if at >= size {
					at -= size
				}
				queue[at] = u
				left++
			}
		}
	}
	l.touched = touched
}

// refine builds each group up again from single nodes: one that is alone and well joined to its group goes to the part
// with which it has most to do, of those that are well joined to the group themselves. A node only joins what it has a
// tie with, so every part is connected.
func (l *leiden) refine(n *net, of []int32, groups int) []int32 {
	size := len(of)
	parts, single := make([]int32, size), make([]bool, size)
	mass, group := l.mass[:size], make([]float64, groups)
	cut := l.cut[:size]
	for v, k := range of {
		parts[v], single[v] = int32(v), true
		mass[v] = n.strength[v]
		group[k] += n.strength[v]
		cut[v] = 0
		for i := n.at[v]; i < n.at[v+1]; i++ {
			if of[n.to[i]] == k {
				cut[v] += float64(n.weight[i])
			}
		}
	}
	factor := 0.0
	if n.total > 0 {
		factor = l.resolution / n.total
	}
	joined := func(part int32, k int32) bool { return cut[part] >= factor*mass[part]*(group[k]-mass[part]) }
	order := l.order[:size]
	l.shuffled(order)
	sum, touched := l.sum, l.touched[:0]
	for _, v := range order {
		k := of[v]
		if !single[v] || !joined(v, k) {
			continue
		}
		touched = touched[:0]
		for i := n.at[v]; i < n.at[v+1]; i++ {
			u := n.to[i]
			if of[u] != k || u == v {
				continue
			}
			p := parts[u]
			if sum[p] == 0 {
				touched = append(touched, p)
			}
			sum[p] += float64(n.weight[i])
		}
		best, most, shared := int32(-1), 0.0, 0.0
		for _, p := range touched {
			if gain := sum[p] - factor*n.strength[v]*mass[p]; (gain > most || (gain == most && best < 0)) && joined(p, k) {
				best, most, shared = p, gain, sum[p]
			}
			sum[p] = 0
		}
		if best < 0 {
			continue
		}
		parts[v] = best
		single[v], single[best] = false, false
		mass[best] += n.strength[v]
		cut[best] += cut[v] - 2*shared
	}
	l.touched = touched
	return parts
}

// gather makes one node of each part.
func (n *net) gather(parts []int32, many int, sum []float64) *net {
	at := make([]int, many+1)
	for _, p := range parts {
		at[p+1]++
	}
	for p := range many {
		at[p+1] += at[p]
	}
	members, next := make([]int32, len(parts)), append([]int(nil), at[:many]...)
	for v, p := range parts {
		members[next[p]] = int32(v)
		next[p]++
	}
	all := &net{at: make([]int, many+1), strength: make([]float64, many), inner: make([]float64, many), total: n.total}
	var touched []int32
	for p := range int32(many) {
		touched = touched[:0]
		for _, v := range members[at[p]:at[p+1]] {
			all.strength[p] += n.strength[v]
			all.inner[p] += n.inner[v]
			for i := n.at[v]; i < n.at[v+1]; i++ {
				q := parts[n.to[i]]
				if q == p {
					all.inner[p] += float64(n.weight[i])
					continue
				}
				if sum[q] == 0 {
					touched = append(touched, q)
				}
				sum[q] += float64(n.weight[i])
			}
		}
		for _, q := range touched {
			all.to = append(all.to, q)
			all.weight = append(all.weight, float32(sum[q]))
			sum[q] = 0
		}
		all.at[p+1] = len(all.to)
	}
	return all
}

// connect makes a group of its own of whatever is not joined within its group. The groups are numbered anew.
func (n *net) connect(of []int32) {
	to := make([]int32, len(of))
	for v := range to {
		to[v] = -1
	}
	next := int32(0)
	var stack []int32
	for v := range of {
		if to[v] >= 0 {
			continue
		}
		to[v] = next
		stack = append(stack[:0], int32(v))
		for len(stack) > 0 {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, w := range n.to[n.at[u]:n.at[u+1]] {
				if to[w] < 0 && of[w] == of[u] {
					to[w] = next
					stack = append(stack, w)
				}
			}
		}
		next++
	}
	copy(of, to)
}
