package tie

import (
	"cmp"
	"math"
	"slices"
)

// The signs of how many people somebody will reach: logarithms, so that a weight says by what power it counts.
const (
	signAudience = iota // how many new people ever acted upon him
	signCarriers        // of them, those who handed something on
	signQuick           // the same, each counting half after a quarter of the span looked ahead
	signNow             // after one of it
	signSlow            // after four
	signTalk            // acts of any kind, after one
	signActs            // acts that carry, after one; here each of them counts, not each person
	signChains          // whom he reached in the span just before, along chains
	signFurther         // the audiences of those who handed something on, after four
	signOwn             // what he does himself, after one
	signs
)

// usual are the powers before anything is known, and doubtful how far off they may be.
var usual = [signs]float64{signAudience: 0.15, signCarriers: 0.15, signQuick: 0.1, signNow: 0.25, signSlow: 0.2, signTalk: 0.05, signActs: 0, signChains: 0.1, signFurther: 0, signOwn: 0}

const (
	doubtful  = 0.2
	maxSigned = 2000 // people who are looked at in a window
)

// signed are people as they were known at a moment, with whom they reached in the span that followed.
type signed struct {
	at     int64
	people []int32
	x      []float64 // signs, one person after the other
	got    []float64
}

func (s *signed) row(i int) []float64 { return s.x[i*signs : (i+1)*signs] }

// sign looks at everybody upon whom somebody new acted; at those of the greatest audiences where they are too many.
func (m *scene) sign(ahead float64) *signed {
	s := &signed{at: m.now}
	n := len(m.reached)
	own := make([]float64, n)
	for i, x := range m.actor {
		if m.acts[i] > 0 {
			own[x] += math.Exp2(-float64(m.now-m.last[i]) / ahead)
		}
	}
	slow := make([]float64, n)
	all := make([][signs]float64, 0, 1024)
	chains := m.reaching(m.now-int64(ahead), m.now)
	for p := range n {
		var x [signs]float64
		for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
			a := m.actor[i]
			if m.acts[i] == 0 || m.reached[a] || int(a) == p {
				continue
			}
			x[signAudience]++
			x[signTalk] += math.Exp2(-float64(m.now-m.last[i]) / ahead)
			if m.carryActs[i] == 0 {
				continue
			}
			x[signCarriers]++
			w := math.Exp2(-float64(m.now-m.lastCarry[i]) / ahead)
			root := math.Sqrt(math.Sqrt(w))
			x[signQuick] += w * w * w * w
			x[signNow] += w
			x[signSlow] += root
			slow[p] += root
			for j := m.eventAt[i]; j < m.eventAt[i+1] && m.when[j] < m.now; j++ {
				if m.carries[m.kind[j]] {
					x[signActs] += math.Exp2(-float64(m.now-m.when[j]) / ahead)
				}
			}
		}
		if x[signAudience] == 0 {
			continue
		}
		x[signChains], x[signOwn] = chains[p], own[p]
		s.people = append(s.people, int32(p))
		all = append(all, x)
	}
	for i, p := range s.people {
		for j := m.pairAt[p]; j < m.pairAt[p+1]; j++ {
			if m.carryActs[j] > 0 {
				all[i][signFurther] += math.Exp2(-float64(m.now-m.lastCarry[j])/(4*ahead)) * slow[m.actor[j]]
			}
		}
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
		for k := range all[i] {
			all[i][k] = math.Log(all[i][k] + 0.5)
		}
	}
	if len(order) > maxSigned {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(dot(usual[:], all[b][:]), dot(usual[:], all[a][:])) })
		order = order[:maxSigned]
		slices.Sort(order)
	}
	people := s.people
	s.people = nil
	for _, i := range order {
		s.people = append(s.people, people[i])
		s.x = append(s.x, all[i][:]...)
	}
	return s
}

// foresight is by what power each sign counts.
type foresight [signs]float64

// foresee fits the powers to what happened in known spans, by Poisson regression with a level of its own for each span, drawn towards
// the usual powers; people vary more than chance alone has it, and spans that overlap count in part (quasi-likelihood: Wedderburn,
// Biometrika 61, 1974).
func foresee(known []*signed, parts float64) foresight {
	f := foresight(usual)
	if len(known) == 0 {
		return f
	}
	n := signs + len(known)
	all := make([]float64, n)
	copy(all, usual[:])
	rows := 0
	for c, s := range known {
		sum, is := 0.0, 0.0
		for i := range s.people {
			is += math.Exp(dot(f[:], s.row(i)))
			sum += s.got[i]
		}
		all[signs+c] = math.Log((sum + 0.5) / (is + 0.5))
		rows += len(s.people)
	}
	slope, curve := make([]float64, n), make([]float64, n*n)
	spread := 10.0
	for turn := range 25 {
		clear(slope)
		clear(curve)
		chi := 0.0
		for c, s := range known {
			at := signs + c
			for i := range s.people {
				x := s.row(i)
				is := math.Exp(min(dot(all[:signs], x)+all[at], 20))
				miss := (s.got[i] - is) / spread
				v := is / spread
				chi += (s.got[i] - is) * (s.got[i] - is) / (is + 0.1)
				gather(slope, curve, x, at, miss, v)
			}
		}
		for a := range signs {
			slope[a] -= (all[a] - usual[a]) / (doubtful * doubtful)
			curve[a*n+a] += 1 / (doubtful * doubtful)
		}
		for a := signs; a < n; a++ {
			curve[a*n+a] += 1e-6
		}
		most := 0.0
		for a, s := range solve(curve, slope) {
			s = min(max(s, -1), 1)
			all[a] += s
			most = max(most, math.Abs(s))
		}
		if turn > 2 && most < 1e-5 {
			break
		}
		spread = max(chi/float64(max(rows, 1)), 1) * float64(len(known)) / parts
	}
	copy(f[:], all)
	return f
}

// reaches is how many people each is foreseen to reach, in proportion, by person.
func (f foresight) reaches(s *signed, people int) []float64 {
	all := make([]float64, people)
	for i, p := range s.people {
		all[p] = math.Exp(dot(f[:], s.row(i)))
	}
	return all
}

// overlapping weighs the kernels by which two audiences are the same people.
var overlapping = func() []float64 {
	shares := make([]float64, len(kernels))
	shares[0], shares[3], shares[4] = 0.3, 0.3, 0.4
	return shares
}()

// foreseen are chances that say who shares an audience with whom, brought to the scale of what is foreseen.
func (m *scene) foreseen(f foresight, ahead float64) chances {
	c := m.chances(overlapping, ahead)
	c.scale = f.reaches(m.sign(ahead), len(m.reached))
	for p, r := range c.scale {
		if r == 0 {
			continue
		}
		sum := 0.0
		for i := m.pairAt[p]; i < m.pairAt[p+1]; i++ {
			if x := m.actor[i]; int(x) != p {
				sum += float64(c.chance[i]) * float64(c.worth[x])
			}
		}
		c.scale[p] = 0
		if sum > 0 {
			c.scale[p] = r / sum
		}
	}
	return c
}
