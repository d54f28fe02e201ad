package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) presenceRoutes() {
	w.member("GET "+view.PathPresence, w.showPresence)
	w.member("GET "+view.PathPresence+"/letter", w.showPresenceLetter)
	w.member("GET "+view.PathPresence+"/said/{id}", w.showSaid)
	w.member("POST "+view.PathPresence+"/refresh", w.refreshPresence)
}

// presenceDesk is what the pages of the portrait are drawn from.
type presenceDesk struct {
	*desk
	p       *presence.Portrait
	v       presence.View
	channel network.ChannelID
	weeks   int // asked for; below 0 the usual period
	said    map[inbox.InteractionID]presence.Said
	people  map[string]string // by account
}

func (w *Web) presenceDesk(r *http.Request) (*presenceDesk, error) {
	d, err := w.desk(r)
	if err != nil {
		return nil, err
	}
	x := &presenceDesk{desk: d, channel: network.ChannelID(r.FormValue("channel")), weeks: -1}
	if n, err := strconv.Atoi(r.FormValue("weeks")); err == nil && slices.Contains(presence.Periods, n) {
		x.weeks = n
	}
	if x.p, err = w.rooms.Presence.Portrait(r.Context(), d.v.actor); err != nil || x.p == nil {
		return x, err
	}
	var ok bool
	if x.v, ok = x.p.View(x.channel, x.weeks); !ok {
		x.channel = ""
		x.v, _ = x.p.View("", x.weeks)
	}
	return x, nil
}

func (w *Web) showPresence(rw http.ResponseWriter, r *http.Request) error {
	return w.presence(rw, r, http.StatusOK, nil)
}

// presence draws the page; trouble is what did not work.
func (w *Web) presence(rw http.ResponseWriter, r *http.Request, status int, trouble *problem) error {
	x, err := w.presenceDesk(r)
	if err != nil {
		return err
	}
	progress, err := w.rooms.Presence.Progress(r.Context(), x.desk.v.actor)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomResults, "presencepage.title")
	p.Topics = "presence"
	out := view.PresencePage{LiveHref: x.href("", x.channel, x.weeks), RefreshURL: view.PathPresence + "/refresh"}
	switch {
	case trouble != nil:
		out.Problem = &view.TroubleProps{Title: sayAll(*trouble)}
	case progress.Trouble != "":
		out.Problem = &view.TroubleProps{Title: x.t(progress.Trouble), Remedy: x.t(progress.Trouble + ".remedy")}
	}
	if progress.Stage != presence.Idle {
		out.Computing = x.t("presencepage.computing." + string(progress.Stage))
		if progress.Read > 0 {
			out.Computing = x.t("presencepage.computing.read", "n", x.number(progress.Read))
		}
	}
	if x.p == nil || x.p.Short() || len(x.p.Views) == 0 {
		x.empty(&out)
		return w.showStatus(rw, r, status, p, view.Presence(p, out))
	}
	if err := x.draw(&out); err != nil {
		return err
	}
	return w.showStatus(rw, r, status, p, view.Presence(p, out))
}

// empty says what is missing before there is something to see.
func (x *presenceDesk) empty(out *view.PresencePage) {
	switch {
	case len(x.channels) == 0 && (x.p == nil || x.p.Said == 0):
	case x.p != nil:
		out.Empty = &view.EmptyProps{
			Title: x.t("presencepage.empty.few"),
			Text:  x.t("presencepage.empty.few.text", "said", x.number(x.p.Said), "ours", x.number(x.p.Ours), "least", x.number(presence.LeastSaid)),
		}
		return
	default:
		out.Empty = &view.EmptyProps{Title: x.t("presencepage.empty.never"), Text: x.t("presencepage.empty.never.text")}
		return
	}
	out.RefreshURL = ""
	out.Empty = &view.EmptyProps{Title: x.t("presencepage.empty.channels"), Text: x.t("presencepage.empty.channels.text")}
	if x.desk.v.actor.Can(team.ChannelsManage) {
		out.EmptyKey = &view.KeyProps{Label: x.t("presencepage.empty.connect"), Href: view.PathChannels}
	}
}

func (w *Web) refreshPresence(rw http.ResponseWriter, r *http.Request) error {
	err := w.rooms.Presence.Refresh(r.Context(), visitOf(r).actor)
	if pr, ok := w.wrong(rw, r, err, fault.Conflict, fault.Limited); ok {
		return w.presence(rw, r, pr.Status, &pr)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathPresence, "presencepage.asked")
}

// href is the address of a page of the portrait.
func (x *presenceDesk) href(page string, ch network.ChannelID, weeks int) string {
	q := url.Values{}
	if ch != "" {
		q.Set("channel", string(ch))
	}
	if weeks >= 0 {
		q.Set("weeks", strconv.Itoa(weeks))
	}
	at := view.PathPresence + page
	if len(q) > 0 {
		at += "?" + q.Encode()
	}
	return at
}

func (x *presenceDesk) number(n int) string { return x.desk.v.words.Number(n) }

func (x *presenceDesk) period(weeks int) string {
	if weeks == 0 {
		return x.t("presencepage.period.all")
	}
	return x.desk.v.words.N("presencepage.period", weeks)
}

// lede says what was read, and from when to when.
func (x *presenceDesk) lede() string {
	key := "presencepage.lede"
	if x.p.Ended {
		key = "presencepage.lede.ended"
	}
	w := x.desk.v.words
	out := x.t(key, "ours", x.number(x.v.Ours), "theirs", x.number(x.v.Theirs), "since", w.SinceDate(x.v.Since().In(x.zone)), "until", w.Date(x.v.To.In(x.zone)))
	if x.v.Before.IsZero() {
		return out
	}
	return out + " " + x.t("presencepage.lede.before", "since", w.SinceDate(x.v.Before.In(x.zone)), "until", w.Date(x.v.From.In(x.zone)))
}

// draw fills the page from a portrait.
func (x *presenceDesk) draw(out *view.PresencePage) error {
	out.Lede = x.lede()
	out.When = x.t("presencepage.when", "ago", x.desk.v.words.Ago(x.p.At, x.now))
	out.LetterHref = x.href("/letter", x.channel, x.weeks)
	out.Period = x.period(x.v.Weeks)
	for _, v := range x.p.Views {
		if v.Channel == x.channel {
			out.Periods = append(out.Periods, view.ItemProps{Label: x.period(v.Weeks), Href: x.href("", x.channel, v.Weeks), Current: v.Weeks == x.v.Weeks})
		}
	}
	if channels := x.p.Channels(); len(channels) > 0 {
		out.Channel = x.t("presencepage.channels.all")
		out.Channels = []view.ItemProps{{Label: out.Channel, Href: x.href("", "", x.weeks), Current: x.channel == ""}}
		for _, ch := range channels {
			name := view.NetLabel(x.channels[ch].Network) + ", " + x.channelName(x.channels[ch])
			out.Channels = append(out.Channels, view.ItemProps{Label: name, Href: x.href("", ch, x.weeks), Current: ch == x.channel})
			if ch == x.channel {
				out.Channel = name
			}
		}
	}
	if err := x.read(); err != nil {
		return err
	}
	out.Lines = x.lines(true)
	for _, t := range presence.Themes {
		out.Themes = append(out.Themes, x.theme(t.Theme, t.Keys))
	}
	for _, r := range []string{"week", "turn", "self", "praise", "talk", "criticism", "level", "people", "site", "private"} {
		out.Rules = append(out.Rules, x.t("presencepage.rule."+r, "own", strings.Join(x.p.Own, ", "), "hosts", x.hosts()))
	}
	out.Note = x.t("presencepage.note")
	return nil
}

func (x *presenceDesk) hosts() string {
	if len(x.p.Hosts) == 0 {
		return x.t("presencepage.hosts.none")
	}
	return strings.Join(x.p.Hosts, ", ")
}

// lines are the three sentences; on the page the last leads to what it is about.
func (x *presenceDesk) lines(keys bool) []view.PresenceLine {
	var out []view.PresenceLine
	for _, l := range x.v.Lines() {
		line := view.PresenceLine{Part: x.t("presence.part." + string(l.Part)), Say: l.Say.In(x.desk.v.words, x.zone), Why: l.Why.In(x.desk.v.words, x.zone)}
		if keys && l.On != "" {
			line.Key = &view.KeyProps{Label: x.t("presencepage.see"), Kind: view.KeyQuiet, Icon: "down", Href: "#" + string(l.On), Attrs: map[string]any{"aria-label": x.t("presencepage.see.what", "what", line.Say)}}
		}
		if keys && l.Part == presence.Try && l.On == presence.Ignored {
			if e := x.v.Figure(l.On).Examples; len(e) > 0 {
				if said, ok := x.said[e[0].ID]; ok && said.Interaction.Conversation != "" && x.desk.v.actor.Can(team.InboxReply) {
					line.Key = &view.KeyProps{Label: x.t("presencepage.answer"), Kind: view.KeyRed, Icon: "reply", Href: view.PathInbox + "/" + string(said.Interaction.Conversation)}
				}
			}
		}
		out = append(out, line)
	}
	return out
}

func (x *presenceDesk) theme(t presence.Theme, keys []presence.Key) view.PresenceTheme {
	out := view.PresenceTheme{ID: "theme-" + string(t), Title: t.Title(x.desk.v.words), Lede: t.Lede(x.desk.v.words)}
	for _, k := range keys {
		f := x.v.Figure(k)
		if f.Of == 0 && (k == presence.Circles || k == presence.Register || k == presence.Fresh && x.v.Weeks == 0) { // there are no ties, no Italian, no time before
			continue
		}
		out.Figures = append(out.Figures, x.figure(f, len(out.Figures) == 0))
	}
	return out
}

func (x *presenceDesk) figure(f presence.Figure, open bool) view.PresenceFigure {
	words := x.desk.v.words
	out := view.PresenceFigure{ID: string(f.Key), Label: f.Label(words), Few: f.TooFew(words), So: f.Beside(words), Open: open}
	out.N, out.Unit = f.Value(words)
	x.bars(&out, f)
	for _, e := range f.Examples {
		ex, ok := x.example(e)
		switch {
		case !ok: // erased, or not there any more
		case len(out.Examples) < 2:
			out.Examples = append(out.Examples, ex)
		default:
			out.More = append(out.More, ex)
		}
	}
	if len(out.More) > 0 {
		out.MoreSay = words.N("presencepage.more", len(out.More))
	}
	return out
}

// bars draw a figure over time: shares as parts of a hundred, lengths and levels beside the longest.
func (x *presenceDesk) bars(out *view.PresenceFigure, f presence.Figure) {
	words := x.desk.v.words
	most := 0.0
	value := func(p presence.Point) (float64, bool) {
		switch {
		case f.Key.Span():
			return p.Median.Hours(), p.Of > 0
		case f.Key.Level():
			return p.Ours, p.Of > 0
		case p.Of == 0:
			return 0, false
		}
		return float64(p.N) / float64(p.Of), true
	}
	for _, p := range f.Series {
		v, _ := value(p)
		most = max(most, v)
	}
	if f.Key.Share() {
		most = 1
	}
	short := func(p presence.Point) string {
		switch {
		case p.Of == 0:
			return "–"
		case f.Key.Span():
			return words.Span(p.Median)
		case f.Key.Level():
			return x.number(int(p.Ours + .5))
		}
		return x.t("presence.short.of", "n", x.number(p.N), "of", x.number(p.Of))
	}
	for _, p := range f.Series {
		v, ok := value(p)
		high := -1.0
		if ok {
			high = 0
			if most > 0 {
				high = 100 * v / most
			}
		}
		out.Bars = append(out.Bars, view.PresenceBar{High: high})
	}
	if n := len(f.Series); n > 1 {
		out.First, out.Last = short(f.Series[0]), short(f.Series[n-1])
		out.BarsSay = x.t("presencepage.bars", "label", out.Label, "first", out.First, "last", out.Last, "since", words.SinceDate(f.Series[0].From.In(x.zone)))
	}
}
