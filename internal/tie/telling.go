package tie

import (
	"cmp"
	"math"
	"slices"
)

// Telling is a word that tells a group of people from the others.
type Telling struct {
	Word string
	// People is how many of the group have it, Of how many the group has of whom any word is known; Others how many outside it have it.
	People, Of, Others int
	// Z is how sure it is that the word belongs to the group: its log-odds over their standard error.
	Z float64
}

// TellingOptions say what is told.
type TellingOptions struct {
	// Most is how many words a group gets at most; 0 is 3.
	Most int
	// Least is how many people of a group must have a word; 0 is 2.
	Least int
	// Sure is the least Z; 0 is 1.64, which chance alone gives to one word in twenty.
	Sure float64
	// Prior is how many people the prior counts for, who have words as all have; 0 is 10.
	Prior float64
}

// Tell finds the words that tell each group from the others: the log-odds of having the word in the group against the rest, with all
// people together as the prior (Monroe, Colaresi and Quinn, Political Analysis 16, 2008, section 3.3.2). groups is by person, negative for
// nobody's; words has those of each person, and somebody counts once for each word, however often they say it: so nobody names a group
// alone. There is one list for each of the groups from 0 to the highest; a group that is all there is gets what most of it have.
func Tell(groups []int32, words [][]string, o TellingOptions) [][]Telling {
	if o.Most <= 0 {
		o.Most = 3
	}
	if o.Least <= 0 {
		o.Least = 2
	}
	if o.Sure <= 0 {
		o.Sure = 1.64
	}
	if o.Prior <= 0 {
		o.Prior = 10
	}
	many := 0
	for _, k := range groups {
		many = max(many, int(k)+1)
	}
	c := wordCount{in: make([]map[string]int, many), of: make([]int, many), all: map[string]int{}}
	for p, k := range groups {
		if k >= 0 && p < len(words) {
			c.add(int(k), words[p])
		}
	}
	out := make([][]Telling, many)
	for k := range out {
		out[k] = c.tell(k, o)
	}
	return out
}

// wordCount is how many people have a word, by group and in all.
type wordCount struct {
	in    []map[string]int
	of    []int
	all   map[string]int
	total int
}

func (c *wordCount) add(k int, words []string) {
	if len(words) == 0 {
		return
	}
	if c.in[k] == nil {
		c.in[k] = map[string]int{}
	}
	c.of[k]++
	c.total++
	for i, w := range words {
		if w == "" || slices.Contains(words[:i], w) {
			continue
		}
		c.in[k][w]++
		c.all[w]++
	}
}

func (c *wordCount) tell(k int, o TellingOptions) []Telling {
	var out []Telling
	for w, n := range c.in[k] {
		if n < o.Least {
			continue
		}
		t := Telling{Word: w, People: n, Of: c.of[k], Others: c.all[w] - n}
		rest := c.total - c.of[k]
		// Of those who have it and those who have not, in the group and outside, with the prior's people added to both.
		share := (float64(c.all[w]) + 0.5) / (float64(c.total) + 1)
		has, not := o.Prior*share, o.Prior*(1-share)
		a, b := float64(n)+has, float64(c.of[k]-n)+not
		x, y := float64(t.Others)+has, float64(rest-t.Others)+not
		if rest == 0 { // nobody to tell them from
			if 2*n <= c.of[k] {
				continue
			}
			t.Z = math.Log(a / b)
		} else if t.Z = (math.Log(a/b) - math.Log(x/y)) / math.Sqrt(1/a+1/b+1/x+1/y); t.Z < o.Sure {
			continue
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(x, y Telling) int {
		return cmp.Or(cmp.Compare(y.Z, x.Z), cmp.Compare(y.People, x.People), cmp.Compare(x.Word, y.Word))
	})
	return out[:min(len(out), o.Most)]
}
