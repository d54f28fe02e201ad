package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// line is a trouble as it is when the letter is written.
type line struct {
	notice
	channels []string
	since    time.Time
	key      string // of the cause; "" none is known
	args     map[string]any
}

// Write writes a member one letter about what is in trouble and was not told yet, and says after how long it wants to look again; 0: there
// is nothing more. What was settled meanwhile is not told. What stands in a letter is noted before it is handed over. When the machine stops
// between the handing over and the noting, or nobody knows whether the letter arrived, it is handed over again rather than never: about the
// same troubles, under the same Message-ID, so that mail programs show it once.
func (n *Notices) Write(ctx context.Context, c team.CompanyID, member team.MemberID) (time.Duration, error) {
	open, err := n.open(ctx, c, member)
	if err != nil || len(open) == 0 {
		return 0, wrap(err)
	}
	now := n.rooms.Clock.Now()
	if begun := slices.IndexFunc(open, func(x notice) bool { return !x.stands }); open[0].stands {
		if begun > 0 {
			open = open[:begun] // what came since stands in the next letter
		}
	} else {
		last, err := n.lastLetter(ctx, c, member)
		if err != nil {
			return 0, wrap(err)
		}
		if wait := max(open[0].At.Add(gather).Sub(now), last.Add(calm).Sub(now)); wait > 0 {
			return wait, nil
		}
	}
	m, err := n.rooms.Team.Member(ctx, team.System(c), member)
	if err != nil {
		return 0, wrap(err)
	}
	var lines []line
	for _, x := range open {
		if m.State != team.MemberActive || now.Sub(x.At) > staleFor {
			continue
		}
		l, ok, err := n.look(ctx, x)
		if err != nil {
			return 0, wrap(err)
		}
		if ok {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 || !n.rooms.Mail.Configured() {
		return 0, wrap(n.told(ctx, open, now, false))
	}
	l, err := n.letter(ctx, m, lines)
	if err != nil {
		return 0, wrap(err)
	}
	if l.ID, err = n.stand(ctx, open); err != nil {
		return 0, wrap(err)
	}
	err = n.rooms.Mail.Send(ctx, l)
	if f := fault.Of(err); f != nil && (f.Kind == fault.Invalid || f.Key == mail.ErrOff.Key || f.Key == "mail.refused") {
		// No second try makes it right; the page of today says the same.
		return 0, queue.Drop(errors.Join(err, n.told(ctx, open, now, false)))
	}
	if err != nil && !mail.Uncertain(err) { // it is not there: what comes meanwhile may stand in it too
		err = errors.Join(err, n.rooms.Store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error { return n.mark(ctx, tx, open, false) }))
	}
	if err != nil {
		return 0, wrap(err)
	}
	if err := n.told(ctx, open, now, true); err != nil {
		return 0, wrap(err)
	}
	rest, err := n.open(ctx, c, member)
	if err != nil || len(rest) == 0 {
		return 0, wrap(err)
	}
	return calm, nil
}

// stand notes that these stand in a letter which is handed over now, and gives what that letter is known by.
func (n *Notices) stand(ctx context.Context, all []notice) (string, error) {
	h := sha256.New()
	for _, x := range all {
		_, _ = io.WriteString(h, x.ID+"\n")
	}
	id := "notice." + hex.EncodeToString(h.Sum(nil)[:16])
	if all[0].stands {
		return id, nil
	}
	return id, n.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return n.mark(ctx, tx, all, true) })
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("notice.Write: %w", err)
	}
	return nil
}

// told notes that these need no letter any more.
func (n *Notices) told(ctx context.Context, all []notice, now time.Time, written bool) error {
	return n.rooms.Store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error { return n.settle(ctx, tx, all, now, written) })
}

// look gives a trouble as it is now; ok is false when it is none any more.
func (n *Notices) look(ctx context.Context, x notice) (l line, ok bool, err error) {
	l.notice = x
	channels, err := n.rooms.Networks.ChannelsByID(ctx, x.Company)
	if err != nil {
		return l, false, err
	}
	if x.About != aboutDelivery {
		kind := map[about]post.TroubleKind{aboutHeld: post.TroubleHeld, aboutMissed: post.TroubleMissed, aboutCorrection: post.TroubleCorrection}[x.About]
		w, ok, err := n.rooms.Posts.Worried(ctx, x.Company, kind, post.ID(x.SourceID), x.AboutID)
		if err != nil || !ok {
			return l, false, err
		}
		l.since, l.key, l.args = w.Since, w.Key, w.Args
		if ch, there := channels[w.Channel]; there {
			l.channels = []string{label(ch)}
		}
		return l, true, nil
	}
	d, err := n.rooms.Deliveries.Get(ctx, x.Company, delivery.ID(x.AboutID))
	if fault.KindOf(err) == fault.NotFound { // taken back
		return l, false, nil
	}
	if err != nil {
		return l, false, err
	}
	still := map[Kind][]delivery.State{
		Failed: {delivery.Failed}, Unconfirmed: {delivery.Unconfirmed}, Late: {delivery.Planned, delivery.Sending},
	}[x.Kind]
	if !slices.Contains(still, d.State) {
		return l, false, nil
	}
	if d.Trouble != nil {
		l.key, l.args = d.Trouble.Key, d.Trouble.Args
	}
	l.since, l.channels = d.NotBefore, []string{label(channels[d.Channel])}
	return l, true, nil
}

// label names a channel by its network and its account.
func label(ch network.Channel) string {
	name := string(ch.Network)
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return name + ", @" + strings.TrimPrefix(ch.Handle, "@")
}

// what names what happened to what, for the catalog.
func (l line) what() string {
	switch {
	case l.About == aboutCorrection:
		return "post_change"
	case l.About == aboutHeld:
		return "post_held"
	case l.About == aboutMissed:
		return "post_missed"
	}
	return map[delivery.SourceKind]map[Kind]string{
		delivery.ForPost:   {Failed: "post_failed", Unconfirmed: "post_unconfirmed", Late: "post_late"},
		delivery.ForReply:  {Failed: "reply_failed", Unconfirmed: "reply_unconfirmed", Late: "reply_late"},
		delivery.ForRecord: {Failed: "record_failed", Unconfirmed: "record_unconfirmed", Late: "record_late"},
	}[l.SourceKind][l.Kind]
}

// together puts what happened to one message for one reason on several channels into one line.
func together(lines []line) (out []line) {
	for _, l := range lines {
		at := slices.IndexFunc(out, func(o line) bool {
			return l.SourceID != "" && o.SourceID == l.SourceID && o.SourceKind == l.SourceKind && o.Kind == l.Kind && o.About == l.About && o.key == l.key
		})
		if at < 0 {
			out = append(out, l)
			continue
		}
		for _, c := range l.channels {
			if !slices.Contains(out[at].channels, c) {
				out[at].channels = append(out[at].channels, c)
			}
		}
	}
	return out
}

// letter writes in the member's language.
func (n *Notices) letter(ctx context.Context, m team.Member, lines []line) (mail.Letter, error) {
	c, err := n.rooms.Team.Company(ctx, m.Company)
	if err != nil {
		return mail.Letter{}, err
	}
	w := n.rooms.Words.For(m.Locale, c.Locale)
	now := n.rooms.Clock.Now().In(c.Location())
	lines = together(lines)
	titles := map[string]string{}
	for _, l := range lines {
		if l.SourceKind == delivery.ForPost && titles[l.SourceID] == "" {
			x, err := n.rooms.Posts.Whose(ctx, m.Company, post.ID(l.SourceID))
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return mail.Letter{}, err
			}
			titles[l.SourceID] = text.Cut(x.Title, 80)
		}
	}
	say := func(l line, key string) string {
		return w.T(key, "title", titles[l.SourceID], "channels", strings.Join(l.channels, w.T("notice.letter.and")), "moment", w.Moment(l.since.In(c.Location()), now))
	}
	subject := w.N("notice.letter.many", len(lines), "company", c.Name)
	if len(lines) == 1 {
		subject = say(lines[0], "notice.subject."+lines[0].what())
	}
	var b strings.Builder
	b.WriteString(w.T("notice.letter.hello", "name", m.Name) + "\n\n")
	for _, l := range lines[:min(len(lines), mostLines)] {
		b.WriteString(say(l, "notice.what."+l.what()) + "\n")
		if l.key != "" {
			b.WriteString(w.T("notice.letter.why", "cause", w.T(l.key, l.args)) + "\n" + w.T("notice.letter.remedy", "remedy", w.T(l.key+".remedy", l.args)) + "\n")
		} else {
			b.WriteString(w.T("notice.letter.unknown") + "\n")
		}
		b.WriteString(n.link(l.SourceKind, l.SourceID) + "\n\n")
	}
	if more := len(lines) - mostLines; more > 0 {
		b.WriteString(w.N("notice.letter.more", more, "link", n.rooms.BaseURL()+"/") + "\n\n")
	}
	b.WriteString(w.T("notice.letter.choose", "company", c.Name, "link", n.rooms.BaseURL()+"/settings/me#letters") + "\n")
	return mail.Letter{To: m.Email, Subject: strings.Join(strings.Fields(subject), " "), Text: b.String()}, nil
}

// link is where on the desk one can look and do something.
func (n *Notices) link(kind delivery.SourceKind, id string) string {
	base := n.rooms.BaseURL()
	switch {
	case id == "":
	case kind == delivery.ForPost:
		return base + "/posts/" + id
	case kind == delivery.ForReply:
		return base + "/inbox/" + id
	}
	return base + "/"
}
