package web

import (
	"net/http"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) todayRoutes() {
	w.member("GET "+view.PathToday+"{$}", w.showToday)
}

// othersToday is how many of those who wait stand on the page beside the first.
const othersToday = 4

// showToday is what waits for the member now.
func (w *Web) showToday(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	p := w.page(r, view.RoomToday, "todaypage.title")
	p.Topics = "inbox channels cases posts"
	now := w.rooms.Clock.Now().In(v.zone())
	t := view.Today{
		Eyebrow: upperFirst(v.words.Day(now)) + ", " + v.words.Clock(now), LiveHref: view.PathToday,
		Greeting: v.words.T("todaypage.hello."+partOfDay(now), "name", firstWord(v.actor.Name)),
		Inbox:    v.actor.Can(team.InboxRead), Health: v.actor.Can(team.ChannelsRead),
	}
	if t.Health {
		if err := w.todayChannels(r, v, now, &t); err != nil {
			return err
		}
	}
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	parts := []func(*view.Today) error{d.todayEntries, d.todayPosts, d.todayPrograms, d.todayCases, d.todayPromises}
	if t.Inbox {
		parts = []func(*view.Today) error{
			d.todayWaiting, d.todayApprove, d.todayEntries, d.todayPosts, d.todayMentions, d.todayArticles, d.todayTrouble, d.todayPrograms, d.todayLinks, d.todayCases, d.todayPromises, d.todayDoubts, d.todayWeek,
		}
	}
	for _, part := range parts {
		if err := part(&t); err != nil {
			return err
		}
	}
	if !t.Inbox && len(t.Cases)+len(t.Tasks)+len(t.Promises)+len(t.Approve) == 0 {
		t.Plain = v.words.T("todaypage.plain")
	} else if !t.Inbox {
		t.Lede = v.words.T("todaypage.few")
	}
	return w.show(rw, r, p, view.TodayPage(p, t))
}

func partOfDay(t time.Time) string {
	switch h := t.Hour(); {
	case h >= 5 && h < 13:
		return "morning"
	case h >= 13 && h < 18:
		return "afternoon"
	}
	return "evening"
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// todayWaiting puts first who is due first, and says why.
func (d *desk) todayWaiting(t *view.Today) error {
	l, err := d.rooms.Inbox.List(d.ctx(), d.v.actor, inbox.Filter{View: inbox.ViewTodo, Limit: 1 + othersToday})
	if err != nil {
		return err
	}
	counts, err := d.rooms.Inbox.Counts(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	n := counts.Views[inbox.ViewTodo]
	if n > inbox.CountCap {
		t.Lede = d.t("todaypage.lede.many", "count", d.v.words.Number(inbox.CountCap))
	} else if n > 0 {
		t.Lede = d.v.words.N("todaypage.lede", n)
	}
	if len(l.Conversations) == 0 {
		return d.todayEmpty(t)
	}
	if t.First, err = d.todayFirst(l); err != nil {
		return err
	}
	for _, c := range l.Conversations[1:] {
		who := l.Identities[c.Identity]
		words, _ := d.when(c)
		if !c.Late(d.now) {
			words = d.t("inboxpage.left", "span", words)
		}
		row := view.RowProps{
			Who: &view.WhoProps{Name: who.Label()}, Title: who.Label(), Href: view.PathInbox + "/" + string(c.ID), Said: d.words(c, 130), Aside: words,
			Notes: []string{d.channelLabel(c.Channel)},
		}
		if c.Private {
			row.Notes = append(row.Notes, d.t("todaypage.private"))
		}
		row.Notes = append(row.Notes, d.charge(c))
		t.Waiting = append(t.Waiting, row)
	}
	return nil
}

// charge says who is in charge.
func (d *desk) charge(c inbox.Conversation) string {
	switch c.Assignee {
	case "":
		return d.t("todaypage.nobody")
	case d.v.actor.Member:
		return d.t("todaypage.yours")
	}
	return d.t("todaypage.theirs", "name", d.memberName(c.Assignee))
}

// todayEmpty is good news, or a first step.
func (d *desk) todayEmpty(t *view.Today) error {
	if len(d.channels) == 0 {
		t.Empty = &view.EmptyProps{Title: d.t("todaypage.start"), Text: d.t("todaypage.start.text")}
		if d.v.actor.Can(team.ChannelsManage) {
			t.EmptyKey = &view.KeyProps{Label: d.t("inboxpage.empty.channels.key"), Kind: view.KeyRed, Href: view.PathChannels + "/new"}
		}
		return nil
	}
	t.Empty = &view.EmptyProps{Title: d.t("inboxpage.nobody"), Text: d.t("todaypage.done.text")}
	l, err := d.rooms.Inbox.List(d.ctx(), d.v.actor, inbox.Filter{View: inbox.ViewAll, Limit: 1})
	if err != nil {
		return err
	}
	if len(l.Conversations) > 0 && !l.Conversations[0].LastOutAt.IsZero() {
		t.Empty.Text = d.t("todaypage.done.last", "moment", d.moment(l.Conversations[0].LastOutAt))
	}
	t.EmptyKey = &view.KeyProps{Label: d.t("inboxpage.see_all"), Href: view.PathInbox + "?view=all"}
	return nil
}

func (d *desk) todayFirst(l inbox.List) (*view.TodayFirst, error) {
	c := l.Conversations[0]
	who := l.Identities[c.Identity]
	href := view.PathInbox + "/" + string(c.ID)
	quote := d.t("todaypage.quote", "text", d.words(c, 320))
	f := &view.TodayFirst{
		Quote: quote, Private: c.Private,
		Byline: view.BylineProps{
			Who: &view.WhoProps{Name: who.Label()}, Name: who.Label(), Net: string(d.channels[c.Channel].Network),
			NetLabel: d.t("inboxpage.sub."+subKind(c), "channel", view.NetLabel(d.channels[c.Channel].Network)), When: d.moment(c.LastInAt), At: c.LastInAt.Format(time.RFC3339),
		},
	}
	if d.v.actor.Can(team.InboxReply) {
		f.Keys = append(f.Keys, view.KeyProps{Label: d.t("todaypage.reply", "name", called(who)), Kind: view.KeyRed, Big: true, Icon: "reply", Letter: "r", Href: href + "#reply-text"})
	} else {
		f.Keys = append(f.Keys, view.KeyProps{Label: d.t("todaypage.read"), Big: true, Href: href})
	}
	if d.v.actor.Can(team.InboxOrganise) && c.Assignee == "" && d.v.actor.Member != "" {
		f.TakeURL, f.TakeTo = href+"/assign", string(d.v.actor.Member)
		f.Keys = append(f.Keys, view.KeyProps{Label: d.t("inboxpage.assign.me"), Kind: view.KeyQuiet, Letter: "a", Form: "take"})
	}
	if d.v.actor.Can(team.GrowthManage) {
		f.Keys = append(f.Keys, view.KeyProps{Label: d.t("inboxpage.case"), Kind: view.KeyQuiet, Letter: "c", Href: caseFrom(c.ID)})
	}
	critic, err := d.firstCriticism(c, l.Verdicts[c.ID])
	if err != nil {
		return nil, err
	}
	if len(critic) > 0 {
		f.Marks = marksIn(quote, evidenceWords(l.Verdicts[c.ID]))
	}
	settings := d.v.company.Settings
	target := settings.Target.Std()
	left := c.DueAt.Sub(d.now)
	if settings.InHours {
		left = settings.Hours.Between(d.now, c.DueAt, d.zone)
	}
	late := c.Late(d.now)
	promise := d.v.words.Span(target)
	clock := view.ArchClockProps{Left: left, Promise: target, N: d.v.words.Span(left.Truncate(time.Minute)), So: d.t("todaypage.promise", "span", promise)}
	f.ToPhone = d.t("inboxpage.left", "span", clock.N)
	if late {
		clock.Left, clock.So = 0, d.t("todaypage.promise.over", "span", promise)
		f.ToPhone = d.t("inboxpage.late_by", "span", d.v.words.Span(short(d.now.Sub(c.DueAt))))
	} else if settings.InHours {
		clock.So = d.t("todaypage.promise.hours", "span", promise)
	}
	f.Clock = &clock
	waits := d.v.words.Span(max(d.now.Sub(c.WaitingSince).Truncate(time.Minute), time.Minute))
	if late {
		f.Reasons = append(f.Reasons, d.t("todaypage.because.late", "span", waits, "name", called(who)))
	} else {
		f.Reasons = append(f.Reasons, d.t("todaypage.because.first", "span", waits, "name", called(who)))
	}
	if c.Private {
		f.Reasons = append(f.Reasons, d.t("todaypage.because.private"))
	} else {
		f.Reasons = append(f.Reasons, d.t("todaypage.because.public"))
	}
	switch c.Assignee {
	case "":
		f.Reasons = append(f.Reasons, d.t("todaypage.because.nobody"))
	case d.v.actor.Member:
		f.Reasons = append(f.Reasons, d.t("todaypage.because.yours"))
	default:
		f.Reasons = append(f.Reasons, d.t("todaypage.because.theirs", "name", d.memberName(c.Assignee)))
	}
	// Three reasons at most: what they say comes before who has it.
	if len(critic) > 0 {
		f.Reasons = append(critic, f.Reasons[0])
	}
	return f, nil
}

// todayApprove lists the answers that wait for this member's yes.
func (d *desk) todayApprove(t *view.Today) error {
	if !d.v.actor.Can(team.InboxApprove) {
		return nil
	}
	l, err := d.rooms.Inbox.List(d.ctx(), d.v.actor, inbox.Filter{View: inbox.ViewApprove, Limit: 5})
	if err != nil {
		return err
	}
	for _, c := range l.Conversations {
		thread, err := d.rooms.Inbox.Open(d.ctx(), d.v.actor, c.ID)
		if err != nil {
			return err
		}
		for _, r := range thread.Replies {
			ok, err := d.rooms.Inbox.MayDecide(d.ctx(), d.v.actor, r)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			t.Approve = append(t.Approve, view.TodayApprove{
				Who: d.memberWho(r.Member), Title: d.t("todaypage.approve.title", "member", d.memberName(r.Member), "name", l.Identities[c.Identity].Label()),
				Text: cutWords(r.Text, 140), Notes: []string{d.channelLabel(c.Channel), d.moment(r.WrittenAt)}, Href: view.PathInbox + "/" + string(c.ID),
			})
		}
	}
	return nil
}

// mentionsToday is how many notes stand on the page; the next come when these are read.
const mentionsToday = 3

func (d *desk) todayMentions(t *view.Today) error {
	if d.v.actor.Member == "" {
		return nil
	}
	all, err := d.rooms.Inbox.Mentions(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for _, m := range all[:min(len(all), mentionsToday)] {
		who := d.memberWho(m.Note.Member)
		href := view.PathInbox + "/" + string(m.Conversation)
		t.Mentions = append(t.Mentions, view.TodayMention{SeenURL: href + "/seen", Row: view.RowProps{
			Who: &who, Title: d.t("todaypage.mentioned", "name", d.memberName(m.Note.Member)), Href: href, Text: cutWords(m.Note.Text, 200), Notes: []string{d.moment(m.Note.At)},
		}})
	}
	return nil
}

// troublesToday is how many things that did not get out stand on the page.
const troublesToday = 3

func (d *desk) todayTrouble(t *view.Today) error {
	all, err := d.rooms.Deliveries.Troubled(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	n := 0
	for _, x := range all {
		if x.Source.Kind == delivery.ForPost {
			continue // said post by post
		}
		if n++; n > troublesToday {
			break
		}
		row := view.TodayTrouble{Title: d.t("todaypage.trouble."+string(x.State), "channel", d.channelLabel(x.Channel), "moment", d.moment(x.PlannedAt))}
		if x.Trouble != nil {
			row.Text, row.Remedy = d.t(x.Trouble.Key, x.Trouble.Args), d.t(x.Trouble.Key+".remedy", x.Trouble.Args)
		}
		if x.Source.Kind == delivery.ForReply {
			r, err := d.rooms.Inbox.GetReply(d.ctx(), d.v.actor, inbox.ReplyID(x.Source.ID))
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
			if err == nil {
				row.Href, row.Key = view.PathInbox+"/"+string(r.Conversation), d.t("todaypage.trouble.key")
			}
		}
		t.Trouble = append(t.Trouble, row)
	}
	return nil
}

// todayChannels says how the channels do, those that need somebody first.
func (w *Web) todayChannels(r *http.Request, v *visit, now time.Time, t *view.Today) error {
	all, err := w.rooms.Networks.Channels(r.Context(), v.actor)
	if err != nil {
		return err
	}
	for pass := range 2 {
		for _, ch := range all {
			lines := ch.Lines(now)
			act := channelTone(lines) == network.Act
			if act != (pass == 0) {
				continue
			}
			c := view.TodayChannel{Net: string(ch.Network), Name: nameAmong(ch, all)}
			if act || channelTone(lines) == network.Wait {
				c.Note = v.line(lines[0], now)
			}
			switch {
			case act && v.actor.Can(team.ChannelsManage):
				c.Href, c.Key = view.PathChannels+"#"+string(ch.ID), v.words.T("todaypage.channels.look")
			case ch.Sample:
				c.When = v.words.T("todaypage.channels.sample")
			case !ch.Health.LastSuccess.IsZero():
				c.When = v.words.Ago(ch.Health.LastSuccess, now)
			}
			t.Channels = append(t.Channels, c)
		}
	}
	return nil
}

// todayWeek says how people were answered since Monday.
func (d *desk) todayWeek(t *view.Today) error {
	monday := time.Date(d.now.Year(), d.now.Month(), d.now.Day()-(int(d.now.Weekday())+6)%7, 0, 0, 0, 0, d.zone)
	wk, err := d.rooms.Inbox.Week(d.ctx(), d.v.actor, monday)
	if err != nil {
		return err
	}
	if wk.Received == 0 {
		t.WeekSay = d.t("todaypage.week.none")
		return nil
	}
	number := d.v.words.Number
	first := view.FigureProps{
		Label: d.t("todaypage.week.talks"), N: number(wk.Answered), Unit: d.t("todaypage.week.of", "count", number(wk.Received)),
		So: d.t("todaypage.week.answered"), Of: d.t("todaypage.week.since"),
	}
	if wk.Capped {
		first.Of = d.t("todaypage.week.capped")
	}
	t.Week = append(t.Week, first)
	if wk.Answered < inbox.WeekFew {
		t.WeekSay = d.v.words.N("todaypage.week.few", wk.Answered)
		return nil
	}
	t.Week = append(t.Week, view.FigureProps{
		Label: d.t("todaypage.week.time"), N: d.v.words.Span(short(wk.Half.Round(time.Minute))), So: d.t("todaypage.week.half"), Of: d.t("todaypage.week.half.of", "count", number(wk.Answered)),
	})
	return nil
}

// channelTone is how a channel is to be felt.
func channelTone(lines []network.Line) network.Tone {
	tone := network.Fine
	for _, l := range lines {
		if l.Tone == network.Act {
			return network.Act
		}
		if l.Tone == network.Wait {
			tone = network.Wait
		}
	}
	return tone
}
