package presence

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// material is what a portrait is drawn from: counts of everything that was said, without the words.
type material struct {
	company  team.Company
	now      time.Time
	channels []network.ChannelID
	motes    []mote // by when they were said
	turns    []turn // by when they began
	people   []int32
	first    []int64 // by person, when they were first heard of
	circle   []int32 // by person, their circle; -1 none
	circles  int     // how many there are; 0: there are no ties
	live     bool    // some channel is read
	own      []string
	hosts    *hosts
}

// atOnce is how much is read at a time.
const atOnce = 2000

// gather reads all that was said, a page at a time. step is told how much was read.
func (r *Room) gather(ctx context.Context, c team.CompanyID, step func(read int) error) (*material, error) {
	company, err := r.rooms.Team.Company(ctx, c)
	if err != nil {
		return nil, err
	}
	m := &material{company: company, now: r.rooms.Clock.Now()}
	channels, err := r.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil {
		return nil, err
	}
	m.names(company, channels)
	g := &gathering{material: m, channel: map[network.ChannelID]int16{}, conv: map[inbox.ConversationID]int32{}, who: map[audience.IdentityID]int32{}}
	for after := inbox.InteractionID(""); ; {
		vs, last, err := r.rooms.Inbox.Voices(ctx, c, after, atOnce)
		if err != nil {
			return nil, err
		}
		if err := g.add(ctx, r, vs); err != nil {
			return nil, err
		}
		if step != nil {
			if err := step(len(m.motes)); err != nil {
				return nil, err
			}
		}
		if after = last; after == "" {
			break
		}
	}
	accounts, _, err := r.rooms.Audience.Everybody(ctx, c)
	if err != nil {
		return nil, err
	}
	byPerson, people := g.meet(accounts)
	m.settle()
	m.began(people)
	ties, err := r.rooms.Reach.Portrait(ctx, team.System(c))
	if err != nil {
		return nil, err
	}
	m.circle = make([]int32, people)
	for i := range m.circle {
		m.circle[i] = -1
	}
	if ties != nil && !ties.Short() {
		v, _ := ties.View(0)
		m.circles = len(v.Circles)
		for p, t := range ties.Ties {
			if i, ok := byPerson[p]; ok && t.Circle >= 0 {
				m.circle[i] = int32(t.Circle)
			}
		}
	}
	return m, nil
}

// names finds by which names the company knows itself in a text.
func (m *material) names(company team.Company, channels map[network.ChannelID]network.Channel) {
	m.own = []string{company.Name}
	names := []string{company.Name}
	var servers []string
	for _, id := range sortedIDs(channels) {
		ch := channels[id]
		m.live = m.live || ch.State != network.Gone && !ch.Archive && !company.Sample
		for _, n := range []string{ch.Name, strings.FieldsFunc(ch.Handle+"@", func(r rune) bool { return r == '@' || r == '.' })[0]} {
			if n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
		if ch.Name != "" && !slices.Contains(m.own, ch.Name) {
			m.own = append(m.own, ch.Name)
		}
		servers = append(servers, ch.ServerURL)
	}
	m.hosts = newHosts(names, servers)
}

func sortedIDs[K ~string, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// gathering turns what was said into motes.
type gathering struct {
	*material
	channel map[network.ChannelID]int16
	conv    map[inbox.ConversationID]int32
	who     map[audience.IdentityID]int32
}

func (g *gathering) add(ctx context.Context, r *Room, vs []inbox.Voice) error {
	ids := make([]string, 0, len(vs))
	for _, v := range vs {
		if !v.Mine {
			ids = append(ids, string(v.ID))
		}
	}
	critical, err := r.rooms.Verdicts.Criticisms(ctx, g.company.ID, ids)
	if err != nil {
		return err
	}
	for _, v := range vs {
		m := take(v, g.own, critical[string(v.ID)], g.hosts)
		if v.Mine && v.Deleted {
			continue
		}
		m.channel = number(g.channel, v.Channel)
		if int(m.channel) == len(g.channels) {
			g.channels = append(g.channels, v.Channel)
		}
		if v.Conversation != "" {
			m.conv = number(g.conv, v.Conversation)
		}
		if v.Identity != "" {
			m.who = number(g.who, v.Identity)
		}
		g.motes = append(g.motes, m)
	}
	return nil
}

func number[K comparable, N int16 | int32](in map[K]N, k K) N {
	n, ok := in[k]
	if !ok {
		n = N(len(in))
		in[k] = n
	}
	return n
}

// meet joins the accounts of one person, and gives the numbers of people and how many there are.
func (g *gathering) meet(accounts []audience.Identity) (map[audience.PersonID]int32, int) {
	people := map[audience.PersonID]int32{}
	g.people = make([]int32, len(g.who))
	for i := range g.people {
		g.people[i] = -1
	}
	for _, a := range accounts {
		if n, ok := g.who[a.ID]; ok {
			g.people[n] = number(people, a.Person)
		}
	}
	count := int32(len(people))
	for i, p := range g.people {
		if p < 0 { // an account of nobody the house knows
			g.people[i] = count
			count++
		}
	}
	for i := range g.motes {
		if m := &g.motes[i]; m.who >= 0 {
			m.who = g.people[m.who]
		}
	}
	return people, int(count)
}

// began notes when each person was first heard of.
func (m *material) began(people int) {
	m.first = make([]int64, people)
	for i := range m.motes {
		if x := &m.motes[i]; x.who >= 0 && x.spoken && (m.first[x.who] == 0 || x.at < m.first[x.who]) {
			m.first[x.who] = x.at
		}
	}
}

// settle puts everything in its order and sees who spoke to whom: which of ours are posts and which answers, what of theirs waited for us, and
// what came of it.
func (m *material) settle() {
	slices.SortFunc(m.motes, func(a, b mote) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	ours := map[uint64]int32{}
	for i := range m.motes {
		if x := &m.motes[i]; x.mine && x.key != 0 {
			ours[x.key] = int32(i)
		}
	}
	conv := map[int32][]int32{}
	for i := range m.motes {
		x := &m.motes[i]
		if x.conv >= 0 {
			conv[x.conv] = append(conv[x.conv], int32(i))
		}
		switch _, onOurs := ours[x.parent]; {
		case !x.mine:
			for _, k := range []uint64{x.parent, x.root} {
				if at, ok := ours[k]; ok && k != 0 && x.spoken && !x.deleted {
					m.motes[at].heard = true
				}
			}
		case x.parent != 0 && !onOurs, x.parent == 0 && x.conv >= 0:
			x.reply = true
		case x.parent == 0:
			x.post = true
		}
	}
	hours, zone := m.company.Settings.Hours, m.company.Location()
	for _, is := range conv {
		m.listen(is)
	}
	slices.SortFunc(m.turns, func(a, b turn) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.first, b.first)) })
	for i := range m.turns {
		m.turns[i].open = hours.Open(time.UnixMicro(m.turns[i].at), zone)
	}
}

// listen goes through a conversation: each time somebody speaks and nothing of theirs waits yet, a turn begins, and what we say next ends it.
// After an answer of ours only what asks something or is criticism waits again: thanks want no answer.
func (m *material) listen(is []int32) {
	open, answered := -1, false
	for _, i := range is {
		x := &m.motes[i]
		switch {
		case x.mine:
			if open >= 0 {
				t := &m.turns[open]
				t.took, t.answer = x.at-t.at, i
			}
			open, answered = -1, true
		case x.deleted || !x.spoken:
		case open >= 0:
			m.turns[open].asks = m.turns[open].asks || x.asks
		case !answered || x.asks || x.critical:
			open = len(m.turns)
			m.turns = append(m.turns, turn{at: x.at, took: -1, first: i, answer: -1, public: x.public, asks: x.asks})
		}
	}
}

// faced tells by what criticisms were answered where everybody can read it: by what of ours came after them in their conversation.
func (m *material) faced() map[int32]int32 {
	out := map[int32]int32{}
	last := map[int32][]int32{} // by conversation, criticisms that wait
	for i := range m.motes {
		x := &m.motes[i]
		switch {
		case x.conv < 0:
		case x.critical && x.public:
			last[x.conv] = append(last[x.conv], int32(i))
		case x.mine && x.public:
			for _, k := range last[x.conv] {
				out[k] = int32(i)
			}
			delete(last, x.conv)
		}
	}
	return out
}
