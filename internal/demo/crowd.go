package demo

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"
)

// draw gives a number from 0 to n-1 that depends on the parts alone.
func draw(n int, parts ...string) int {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	v := h.Sum64()
	v ^= v >> 31
	v *= 0x9e3779b97f4a7c15
	v ^= v >> 29
	return int(v % uint64(n))
}

// crowd makes what people do without words: they follow before they first speak, they like posts and answers, and a
// few carry posts on. Who does what depends on the names alone, when on the names and the moment.
func crowd(c *Company) []Interaction {
	var out []Interaction
	add := func(kind Kind, person, channel, parent string, at time.Time) {
		if !at.Before(c.Moment) {
			return
		}
		out = append(out, Interaction{
			Key: fmt.Sprintf("r%04d", len(out)+1), Kind: kind, Person: person, Channel: channel,
			Parent: parent, At: at, Visibility: Public,
		})
	}
	bad := map[string]bool{}
	first := map[string]time.Time{}
	for _, v := range c.Conversations {
		for _, i := range v.Interactions {
			if i.Person == "" {
				continue
			}
			bad[i.Person] = bad[i.Person] || v.Spam
			if t, ok := first[i.Person+v.Channel]; !ok || i.At.Before(t) {
				first[i.Person+v.Channel] = i.At
			}
		}
	}
	network := map[string]NetworkName{}
	for _, ch := range c.Channels {
		network[ch.Key] = ch.Network
	}
	for _, p := range c.People {
		if bad[p.Key] {
			continue
		}
		for _, ch := range c.Channels {
			if !p.on(ch.Network) {
				continue
			}
			// The second channel of a network is for those who come to the courses.
			if ch.Key == "w" && draw(4, "corsi", p.Key) != 0 {
				continue
			}
			if draw(3, "segue", p.Key, ch.Key) == 0 {
				continue
			}
			at := c.Moment.Add(-time.Duration(3+draw(80*24*60, "quando", p.Key, ch.Key)) * time.Minute)
			if t, ok := first[p.Key+ch.Key]; ok && t.Before(at) {
				at = t.Add(-time.Duration(20+draw(5000, "prima", p.Key)) * time.Minute)
			}
			if at.After(c.Moment.AddDate(0, 0, -91)) {
				add(Follow, p.Key, ch.Key, "", at)
			}
		}
	}
	for _, post := range c.Posts {
		warm := 6 + draw(10, "caldo", post.Key) // of 100 people who could, so many like it
		for _, ch := range post.Channels {
			for _, p := range c.People {
				if bad[p.Key] || !p.on(network[ch]) {
					continue
				}
				after := time.Duration(4+draw(30, "ora", p.Key, post.Key)*draw(90, "minuto", p.Key, post.Key)) * time.Minute
				if draw(100, "piace", p.Key, post.Key, ch) < warm+draw(8, "cuore", p.Key) {
					add(Like, p.Key, ch, post.Key, post.At.Add(after))
				}
				if draw(100, "porta", p.Key, post.Key, ch) < 2 {
					add(Share, p.Key, ch, post.Key, post.At.Add(after+7*time.Minute))
				}
			}
		}
	}
	for _, v := range c.Conversations {
		for n, i := range v.Interactions {
			if i.Answer == nil || i.Answer.State != Sent || i.Visibility != Public || n == 0 {
				continue
			}
			who := v.Interactions[n-1].Person
			if who != "" && !bad[who] && draw(100, "grazie", i.Key) < 30 {
				add(Like, who, v.Channel, i.Key, i.At.Add(time.Duration(3+draw(300, "poi", i.Key))*time.Minute))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Interaction) int { return a.At.Compare(b.At) })
	return out
}

// on tells whether the person has an account on the network.
func (p Person) on(n NetworkName) bool {
	return slices.ContainsFunc(p.Identities, func(i Identity) bool { return i.Network == n })
}
