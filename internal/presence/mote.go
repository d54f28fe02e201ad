package presence

import (
	"hash/maphash"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/writing"
)

// mote is what a portrait needs of one thing that was said: counts, and no words.
type mote struct {
	id      inbox.InteractionID
	at      int64 // microseconds
	conv    int32 // -1 none
	who     int32 // -1 us
	channel int16

	mine, public, deleted bool
	spoken                bool // to us: not what others talk about around an answer
	asks                  bool
	post                  bool // ours, to nobody in particular
	reply                 bool // ours, to somebody
	site, away            bool // leads to our own site, to pages of others
	critical              bool
	heard                 bool // a post of ours that somebody answered

	key, parent, root uint64 // of the remote ids; 0 none

	tongue                    uint8
	tu, voi, lei              uint8
	sentences, ours, praise   uint16
	words, letters, syllables int32
	self, boast, hard         [2]int32 // bytes of a sentence
	hardness                  float32
}

// print tells texts of the same words from others, well enough for not showing them twice.
type print struct {
	mine                      bool
	sentences, ours           uint16
	words, letters, syllables int32
	who                       int32
	at                        int64 // of what has no words that were counted
}

func (m *mote) print() print {
	p := print{mine: m.mine, sentences: m.sentences, ours: m.ours, words: m.words, letters: m.letters, syllables: m.syllables, who: m.who}
	if !m.mine || m.words == 0 {
		p.at = m.at
	}
	return p
}

// tongues are the languages that are measured; the first is none.
var tongues = []string{"", "it", "en"}

// turn is that others spoke and waited for us.
type turn struct {
	at     int64
	took   int64 // microseconds; below 0: nobody answered
	first  int32 // the mote that waits
	answer int32 // ours; -1 none
	public bool
	asks   bool
	open   bool // in the company's hours
}

// Times of a portrait, in microseconds where motes have them.
const (
	week = 7 * 24 * time.Hour
	// patience is how long somebody must have waited before it counts that nobody answered.
	patience = 48 * time.Hour
)

var seed = maphash.MakeSeed()

// keyOf makes a number of a remote id on a channel.
func keyOf(ch network.ChannelID, remote string) uint64 {
	if remote == "" {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(seed)
	_, _ = h.WriteString(string(ch))
	_ = h.WriteByte(0)
	_, _ = h.WriteString(remote)
	return h.Sum64() | 1
}

// take makes a mote of something that was said, and drops its words.
func take(v inbox.Voice, own []string, critical triage.Decision, hosts *hosts) mote {
	m := mote{
		id: v.ID, at: v.At.UnixMicro(), conv: -1, who: -1, mine: v.Mine, public: v.Public, deleted: v.Deleted,
		spoken: !v.Mine && v.Kind != network.KindPost, key: keyOf(v.Channel, v.RemoteID), parent: keyOf(v.Channel, v.ParentID), root: keyOf(v.Channel, v.RootID),
		critical: !v.Mine && critical == triage.Yes,
	}
	g := writing.Measure(writing.Text{Body: v.Text, Language: v.Language, Own: own})
	m.asks = g.Asks()
	if !v.Public { // of what not everybody may read nothing but this is looked at
		return m
	}
	m.tu, m.voi, m.lei = few(g.Tu), few(g.Voi), few(g.Lei)
	for i, t := range tongues {
		if t == g.Language {
			m.tongue = uint8(i)
		}
	}
	for _, s := range g.Sentences {
		m.sentences++
		m.words, m.letters, m.syllables = m.words+int32(s.Words), m.letters+int32(s.Letters), m.syllables+int32(s.Syllables)
		if !v.Mine {
			continue
		}
		at := [2]int32{int32(s.Start), int32(s.End)}
		if s.Ours {
			if m.ours++; m.ours == 1 {
				m.self = at
			}
		}
		if s.Praise {
			if m.praise++; m.praise == 1 {
				m.boast = at
			}
		}
		ease, ok := writing.Ease(g.Language, 1, s.Words, s.Letters, s.Syllables)
		if ok && s.Words >= hardWords && (m.hardness == 0 || float32(101-ease) > m.hardness) {
			m.hardness, m.hard = float32(101-ease), at
		}
	}
	if v.Mine {
		m.site, m.away = hosts.in(v.Text)
	}
	return m
}

// hardWords is how many words a sentence has at least that is shown as hard to read.
const hardWords = 12

func few(n int) uint8 { return uint8(min(n, 255)) }
