package mastodon

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/network"
)

// Count is how long a text is on Mastodon itself, in its characters; link is what a link counts.
func Count(text string, link int) int { return adapt.CountMastodon(text, link) }

// Measure implements network.Client. Mastodon counts what a reader sees as one character, links as a fixed length and
// mentions without their server; the other servers count every code point of what was typed, so for them the count is
// that. A content warning counts too: measure it for itself and add it.
func (c *client) Measure(text string, l network.Limits) network.Length {
	n := network.Length{Max: l.Characters}
	if c.genuine() {
		n.Used = Count(text, l.LinkLength)
	} else {
		n.Used = utf8.RuneCountInString(strings.TrimSpace(text))
	}
	return n
}

// Address implements network.Client: who is not named in the text is not told. The author comes first, then all whom
// the item names, except ourselves.
func (c *client) Address(to network.Item, self network.Account) string {
	_, home, _ := strings.Cut(self.Handle, "@")
	seen := map[string]bool{strings.ToLower(self.Handle): true}
	var b strings.Builder
	people := to.Mentions
	if !to.Mine {
		people = append([]network.Author{to.Author}, people...)
	}
	for _, a := range people {
		h := strings.ToLower(a.Handle)
		if h == "" || seen[h] || a.RemoteID != "" && a.RemoteID == self.RemoteID {
			continue
		}
		seen[h] = true
		handle := a.Handle
		// Neighbours are named without the server, which also works where its name has a port.
		if name, domain, ok := strings.Cut(handle, "@"); ok && home != "" && strings.EqualFold(domain, home) {
			handle = name
		}
		b.WriteString("@" + handle + " ")
	}
	return b.String()
}

const (
	defaultCharacters = 500
	defaultLink       = 23
	defaultAttach     = 4
	defaultImage      = 16 << 20
	defaultVideo      = 99 << 20
	defaultAlt        = 1500
)

// limitsOf fills what a server does not tell from Mastodon's documentation.
func (c *client) limitsOf(in instance) network.Limits {
	conf := in.Configuration
	l := network.Limits{
		Characters: conf.Statuses.MaxCharacters, LinkLength: conf.Statuses.PerURL, Attach: conf.Statuses.MaxMedia,
		ImageBytes: conf.Media.ImageSize, VideoBytes: conf.Media.VideoSize, MIMETypes: conf.Media.MIMETypes, AltText: conf.Media.Description,
		ImagePixels: told(conf.Media.ImagePixels), VideoPixels: told(conf.Media.VideoPixels), VideoFrames: int(told(int64(conf.Media.VideoFrames))),
	}
	fill := func(v *int, values ...int) {
		for _, x := range values {
			if *v <= 0 {
				*v = x
			}
		}
	}
	fill(&l.Characters, in.MaxToot, defaultCharacters)
	fill(&l.LinkLength, defaultLink)
	fill(&l.Attach, defaultAttach)
	fill(&l.AltText, defaultAlt)
	if !c.genuine() {
		l.LinkLength = 0
	}
	if l.ImageBytes <= 0 {
		l.ImageBytes = defaultImage
	}
	if l.VideoBytes <= 0 {
		l.VideoBytes = defaultVideo
	}
	l.AudioBytes = l.VideoBytes // the same limit holds for both
	if len(l.MIMETypes) == 0 {
		l.MIMETypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/webm", "audio/mpeg", "audio/ogg"}
	}
	return l
}

// told leaves out what is no limit: servers without one write nothing, or the largest number they know.
func told(n int64) int64 {
	if n < 0 || n >= math.MaxInt32 {
		return 0
	}
	return n
}
