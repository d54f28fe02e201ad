package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// carriedSoon is within how long ties are counted for the first time: in a night.
const carriedSoon = 36 * time.Hour

// carried says by which ties what stands was carried further; nil where the reader may not know.
func (x *postDesk) carried() (*view.PostCarried, error) {
	if !x.v.actor.Can(team.PostsRead) || x.file.Post.SentAt.IsZero() {
		return nil, nil
	}
	var places []reach.PostAt
	for _, v := range x.file.Variants {
		for _, part := range v.Parts {
			if part.RemoteID != "" {
				places = append(places, reach.PostAt{Channel: part.Channel, RemoteID: part.RemoteID})
			}
		}
	}
	t, err := x.rooms.Reach.PostCredits(x.ctx(), x.v.actor, places)
	if err != nil {
		return nil, err
	}
	out := &view.PostCarried{}
	if !t.Frozen && x.now.Sub(x.file.Post.SentAt) > carriedSoon {
		return nil, nil // it went out before ties were kept, or its network does not tell of it
	}
	if !t.Frozen {
		out.Lede = x.t("postpage.carried.early")
		return out, nil
	}
	until := x.v.words.ShortDate(t.Until.In(x.zone), x.now)
	if t.Open {
		out.So = append(out.So, x.t("postpage.carried.open", "date", until))
	} else {
		out.So = append(out.So, x.t("postpage.carried.closed", "date", until))
	}
	if len(t.Credits) == 0 {
		out.Lede = x.t("postpage.carried.none")
		return out, nil
	}
	l := x.v.words
	out.Table = view.TableProps{Caption: x.t("postpage.carried"), Heads: true, Columns: []view.Column{
		{Label: x.t("postpage.carried.tie")}, {Label: x.t("postpage.carried.shares"), Number: true}, {Label: x.t("postpage.carried.first"), Number: true},
	}}
	var all, weak reach.Credit
	unknown := false
	// Those of whom nothing was known come first in the credits and last on the page.
	for _, later := range []bool{false, true} {
		for _, c := range t.Credits {
			if none := c.Class == tie.Unknown; none != later {
				continue
			}
			unknown = unknown || later
			all.Shares, all.First = all.Shares+c.Shares, all.First+c.First
			if c.Class.IsWeak() {
				weak.Shares, weak.First = weak.Shares+c.Shares, weak.First+c.First
			}
			out.Table.Rows = append(out.Table.Rows, []templ.Component{
				view.Plain(reach.ClassName(c.Class).In(l, x.now)), view.Plain(l.Number(c.Shares)), view.Plain(l.Number(c.First)),
			})
		}
	}
	var said []string
	if all.Shares > 0 {
		said = append(said, l.N("postpage.carried.shared", all.Shares, "weak", l.Number(weak.Shares)))
	}
	if all.First > 0 {
		said = append(said, l.N("postpage.carried.came", all.First, "weak", l.Number(weak.First)))
	}
	out.Lede = strings.Join(said, " ")
	if unknown {
		out.So = append([]string{x.t("postpage.carried.unknown")}, out.So...)
	}
	return out, nil
}
