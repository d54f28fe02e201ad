package web

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func sortedIDs[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// showConversation is a conversation: beside the list as a page, by itself for htmx.
func (w *Web) showConversation(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	return d.showTalk(rw, inbox.ConversationID(r.PathValue("id")), http.StatusOK, talkState{look: true})
}

// talkState is what an answer to a form adds to a conversation.
type talkState struct {
	look   bool               // what stands on the network is read again
	error  string             // about what is written
	anyway bool               // the next press sends although something came in
	text   string             // what was typed, when it is not the draft
	notice *view.TroubleProps // about something else
	why    string             // about a member's word on what is criticism
	asks   []asked            // what the answer promises
	head   func(*view.TalkHead)
	toast  *view.ToastProps
}

// showTalk answers with a conversation.
func (d *desk) showTalk(rw http.ResponseWriter, id inbox.ConversationID, status int, s talkState) error {
	t, err := d.rooms.Inbox.Open(d.ctx(), d.v.actor, id)
	if err != nil {
		return err
	}
	name := t.Identities[t.Conversation.Identity].Label()
	p := d.page("inboxpage.with", "name", name)
	p.Topics = "inbox conversation:" + string(id) + " writing:" + string(id)
	p.Toast = s.toast
	talk, err := d.talk(p, t, s)
	if err != nil {
		return err
	}
	side, err := d.side(p, t)
	if err != nil {
		return err
	}
	if isFragment(d.r) && d.r.Header.Get("HX-Target") == "talk" {
		if p.Toast == nil {
			p.Toast = d.toast(rw, d.r)
		}
		parts := inside(view.Fragment(p), view.TalkArticle(p, talk), view.PersonPlace(p, side, true))
		if p.Toast != nil {
			parts = inside(view.Fragment(p), view.TalkArticle(p, talk), view.PersonPlace(p, side, true), view.ToastOOB(p, *p.Toast))
		}
		return d.render(rw, d.r, status, parts)
	}
	all, err := d.inbox(p, id)
	if err != nil {
		return err
	}
	all.Talk, all.Person = &talk, side
	return d.showStatus(rw, d.r, status, p, view.Inbox(p, all))
}

// showThread is what was said, by itself, for the page that reads it again.
func (w *Web) showThread(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	t, err := w.rooms.Inbox.Open(r.Context(), d.v.actor, inbox.ConversationID(r.PathValue("id")))
	if err != nil {
		return err
	}
	p := d.page("")
	part, err := d.thread(p, t, "")
	if err != nil {
		return err
	}
	return w.render(rw, r, http.StatusOK, view.TalkThreadPart(p, part, false))
}

// showOthers says who else writes an answer.
func (w *Web) showOthers(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	t, err := w.rooms.Inbox.Open(r.Context(), d.v.actor, inbox.ConversationID(r.PathValue("id")))
	if err != nil {
		return err
	}
	return w.render(rw, r, http.StatusOK, view.Others(d.others(t), view.PathInbox+"/"+r.PathValue("id")+"/others"))
}

func (d *desk) others(t inbox.Thread) string {
	if len(t.Writing) == 0 {
		return ""
	}
	return d.t("inboxpage.writing", "name", d.memberName(t.Writing[0]))
}

func (d *desk) talk(p view.Page, t inbox.Thread, s talkState) (view.Talk, error) {
	c := t.Conversation
	base := view.PathInbox + "/" + string(c.ID)
	out := view.Talk{ID: string(c.ID), Topics: p.Topics, OtherURL: base + "/others", Notice: s.notice}
	if s.look {
		out.LookURL = base + "/look"
	}
	var err error
	if out.Head, err = d.head(t); err != nil {
		return out, err
	}
	if s.head != nil {
		s.head(&out.Head)
	}
	if out.Thread, err = d.thread(p, t, s.why); err != nil {
		return out, err
	}
	last, ok := t.Last()
	switch {
	case d.look.note && d.v.actor.Can(team.InboxOrganise):
		out.Composer, out.SendKeys = d.noteComposer(t, s), []view.KeyProps{{Label: d.t("inboxpage.note.save")}}
	case !d.v.actor.Can(team.InboxReply):
		out.Why = d.t("inboxpage.why.role")
	case !ok:
		out.Why = d.t("inboxpage.why.gone")
	case t.Channel.Archive:
		out.Why = d.t("channel.archive")
	case t.Channel.State == network.Gone:
		out.Why = d.t("inboxpage.why.channel")
	default:
		out.Composer, err = d.composer(p, t, last, s)
		if err != nil {
			return out, err
		}
		out.SendKeys, err = d.sendKeys(t)
	}
	return out, err
}

func (d *desk) head(t inbox.Thread) (view.TalkHead, error) {
	c := t.Conversation
	base := view.PathInbox + "/" + string(c.ID)
	who := t.Identities[c.Identity]
	h := view.TalkHead{
		ID: string(c.ID), Back: d.look.at(view.PathInbox), Name: who.Label(), Net: string(t.Channel.Network), Private: c.Private,
		Organise: d.v.actor.Can(team.InboxOrganise), Open: c.State != inbox.Done && c.State != inbox.Snoozed,
		DoneURL: base + "/done", AgainURL: base + "/reopen",
		Sub: d.t("inboxpage.sub."+subKind(c), "channel", view.NetLabel(t.Channel.Network)),
	}
	for _, i := range t.Interactions {
		if !i.Mine && i.DeletedAt.IsZero() && i.URL != "" {
			h.Original = webAddress(i.URL)
			break
		}
	}
	switch {
	case c.State == inbox.Done:
		h.Tags = append(h.Tags, view.TagProps{Label: d.t("inboxpage.state.done"), Icon: "check"})
	case c.State == inbox.Snoozed && !c.SnoozedUntil.IsZero():
		h.Tags = append(h.Tags, view.TagProps{Label: d.t("inboxpage.state.snoozed", "moment", d.moment(c.SnoozedUntil)), Icon: "snooze"})
	case c.State == inbox.Waiting:
		h.Tags = append(h.Tags, view.TagProps{Label: d.t("inboxpage.state.waiting"), Icon: "hourglass"})
	case !c.DueAt.IsZero():
		words, urgent := d.when(c)
		tag := view.TagProps{Label: words, Icon: "hourglass", Kind: view.TagLate}
		if !c.Late(d.now) {
			tag.Label = d.t("inboxpage.left", "span", words)
		}
		if urgent {
			tag.Kind = view.TagNow
		}
		h.Tags = append(h.Tags, tag)
	}
	for _, l := range t.Labels {
		h.Tags = append(h.Tags, view.TagProps{Label: l.Name, Icon: "label"})
	}
	if !h.Organise {
		return h, nil
	}
	h.Assign = d.assignMenu(c)
	h.Snooze = d.snoozeMenu(c)
	if d.v.actor.Can(team.GrowthManage) {
		h.CaseURL = caseFrom(c.ID)
	}
	if err := d.leadOf(&h, c); err != nil {
		return h, err
	}
	labels, err := d.rooms.Inbox.Labels(d.ctx(), d.v.actor)
	if err != nil {
		return h, err
	}
	h.Label.URL = base + "/label"
	on := map[string]bool{}
	for _, l := range t.Labels {
		on[l.ID] = true
	}
	for _, l := range labels {
		item := view.ItemProps{Label: l.Name, Name: "label", Value: l.Name}
		if on[l.ID] {
			item.Name, item.Value, item.Current = "remove", l.ID, true
		}
		h.Label.Items = append(h.Label.Items, item)
	}
	return h, nil
}

func subKind(c inbox.Conversation) string {
	if c.Private {
		return "message"
	}
	switch c.Kind {
	case network.KindMention, network.KindReply, network.KindComment, network.KindReview, network.KindQuote:
		return string(c.Kind)
	}
	return "post"
}

func (d *desk) assignMenu(c inbox.Conversation) view.AssignMenu {
	m := view.AssignMenu{URL: view.PathInbox + "/" + string(c.ID) + "/assign", Label: d.t("inboxpage.assign")}
	if c.Assignee != "" {
		who := d.memberWho(c.Assignee)
		who.Size = view.SizeSmall
		m.Label, m.Who = d.memberName(c.Assignee), &who
	}
	if d.v.actor.Member != "" && c.Assignee != d.v.actor.Member {
		m.Items = append(m.Items, view.ItemProps{Label: d.t("inboxpage.assign.me"), Note: d.v.actor.Name, Icon: "person", Name: "to", Value: string(d.v.actor.Member)})
	}
	all := slices.SortedFunc(maps.Values(d.members), func(a, b team.Member) int { return strings.Compare(a.Name, b.Name) })
	for _, x := range all {
		if x.State != team.MemberActive || !x.Role.Can(team.InboxOrganise) || x.ID == d.v.actor.Member && c.Assignee != x.ID {
			continue
		}
		m.Items = append(m.Items, view.ItemProps{Label: x.Name, Note: x.Job, Name: "to", Value: string(x.ID), Current: x.ID == c.Assignee})
	}
	if c.Assignee != "" {
		m.Items = append(m.Items, view.ItemProps{Label: d.t("inboxpage.assign.nobody"), Icon: "close", Name: "to", Value: ""})
	}
	return m
}

// snoozes are the moments offered, by name.
func snoozes(now time.Time) map[string]time.Time {
	at := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	}
	monday := (8 - int(now.Weekday())) % 7
	if monday == 0 {
		monday = 7
	}
	return map[string]time.Time{"hours": now.Add(2 * time.Hour), "evening": at(0, 18), "tomorrow": at(1, 9), "monday": at(monday, 9)}
}

func (d *desk) snoozeMenu(c inbox.Conversation) view.SnoozeMenu {
	m := view.SnoozeMenu{URL: view.PathInbox + "/" + string(c.ID) + "/snooze", Min: d.now.AddDate(0, 0, 1).Format(time.DateOnly)}
	moments := snoozes(d.now)
	for _, name := range []string{"hours", "evening", "tomorrow", "monday"} {
		if !moments[name].After(d.now.Add(30 * time.Minute)) {
			continue
		}
		m.Items = append(m.Items, view.ItemProps{Label: d.t("inboxpage.snooze." + name), Note: d.moment(moments[name]), Name: "until", Value: name})
	}
	return m
}

// said is a message with its moment, so that notes and replies stand in between.
type saidAt struct {
	at  time.Time
	msg view.MessageProps
}

// foldFrom is how many messages stand open at the end of a long thread.
const foldFrom = 30

func (d *desk) thread(p view.Page, t inbox.Thread, wrong string) (view.TalkThread, error) {
	c := t.Conversation
	out := view.TalkThread{ID: string(c.ID), LiveHref: d.look.at(view.PathInbox + "/" + string(c.ID) + "/thread"), Seen: strconv.Itoa(c.Revision)}
	if t.About != nil {
		about := d.message(p, t, *t.About)
		about.Older = true
		about.Tags = append([]view.TagProps{{Label: d.t("inboxpage.about"), Icon: "link"}}, about.Tags...)
		out.About = &about
	}
	why, err := d.why(t, wrong)
	if err != nil {
		return out, err
	}
	var all []saidAt
	for _, i := range t.Interactions {
		m := d.message(p, t, i)
		if err := d.mark(p, why, i, &m); err != nil {
			return out, err
		}
		all = append(all, saidAt{i.At, m})
	}
	for _, n := range t.Notes {
		all = append(all, saidAt{n.At, view.MessageProps{
			ID: n.ID, Voice: view.VoiceNote, Who: d.memberWho(n.Member), Body: view.Words(n.Text, nil),
			Byline: view.BylineProps{Name: d.memberName(n.Member), When: d.moment(n.At), At: n.At.Format(time.RFC3339)},
			Tags:   []view.TagProps{{Label: d.t("inboxpage.note"), Icon: "lock"}},
		}})
	}
	for _, r := range t.Replies {
		m, err := d.onItsWay(p, t, r)
		if err != nil {
			return out, err
		}
		all = append(all, saidAt{r.WrittenAt, m})
	}
	slices.SortStableFunc(all, func(a, b saidAt) int { return a.at.Compare(b.at) })
	for i, s := range all {
		if i < len(all)-foldFrom {
			out.Older = append(out.Older, s.msg)
			continue
		}
		out.Messages = append(out.Messages, s.msg)
	}
	if len(out.Older) > 0 {
		out.OlderSay = d.v.words.N("inboxpage.older", len(out.Older))
	}
	return out, nil
}

// message draws what they or we wrote.
func (d *desk) message(p view.Page, t inbox.Thread, i inbox.Interaction) view.MessageProps {
	m := view.MessageProps{ID: string(i.ID), Warning: i.Warning, Byline: view.BylineProps{When: d.moment(i.At), At: i.At.Format(time.RFC3339), WhenHref: webAddress(i.URL)}}
	switch {
	case i.Mine && i.Member != "":
		m.Voice, m.Who, m.Byline.Name = view.VoiceOurs, d.memberWho(i.Member), d.memberName(i.Member)
	case i.Mine:
		name := channelTitle(t.Channel)
		m.Voice, m.Who, m.Byline.Name = view.VoiceOurs, view.WhoProps{Name: name, Kind: view.WhoTeam}, name
		if t.About == nil || i.ID != t.About.ID {
			m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.outside"), Icon: "globe"})
		}
	default:
		who := t.Identities[i.Identity]
		m.Who, m.Byline.Name = view.WhoProps{Name: who.Label()}, who.Label()
		if who.Person != "" && d.v.actor.Can(team.PeopleRead) {
			m.Byline.Href = pathPeople + "/" + string(who.Person)
		}
		if i.Identity != t.Conversation.Identity {
			m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.third"), Icon: "person"})
		}
		if who.Bot {
			m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.bot"), Icon: "auto"})
		}
	}
	if i.Stars > 0 {
		m.Byline.Stars = &view.StarsProps{Given: i.Stars, Label: d.t("inboxpage.stars", "count", i.Stars)}
	}
	switch i.Visibility {
	case network.Direct:
		m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.tag.private"), Icon: "lock"})
	case network.Followers:
		m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.followers"), Icon: "eye"})
	}
	if !i.DeletedAt.IsZero() {
		key := "inboxpage.deleted"
		if i.Mine {
			key = "inboxpage.deleted.ours"
		}
		m.Gone = d.t(key, "name", m.Byline.Name, "moment", d.moment(i.DeletedAt))
		return m
	}
	d.standing(p, t, i, &m)
	var past []view.PastText
	for _, e := range i.Past {
		past = append(past, view.PastText{Until: d.t("inboxpage.past.until", "moment", d.moment(e.Until)), Text: e.Text})
	}
	if !i.EditedAt.IsZero() {
		m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.edited"), Icon: "edit"})
	}
	if i.Text != "" || len(past) > 0 {
		var says []view.Span
		if v := t.Verdicts[i.ID]; critical(v) {
			says = marks(v)
		}
		m.Body = view.Said(p, i.Text, says, past)
	}
	for n, f := range i.Media {
		m.Media = append(m.Media, d.picture(i, n, f))
	}
	return m
}

// picture shows a file of a network: a picture through the house, everything else by its description and a link.
func (d *desk) picture(i inbox.Interaction, n int, f network.Media) view.MediaProps {
	kind := string(f.Kind)
	if kind == "" || f.Kind == network.Other {
		kind = "file"
	}
	at := webAddress(f.URL)
	src := d.pictureSource(i, n, f)
	if at == "" {
		at = src
	}
	return view.MediaProps{Kind: kind, URL: at, Src: src, Alt: f.Alt}
}

// onItsWay draws an answer of ours that does not stand on the network.
func (d *desk) onItsWay(p view.Page, t inbox.Thread, r inbox.Reply) (view.MessageProps, error) {
	m := view.MessageProps{
		ID: string(r.ID), Voice: view.VoiceOurs, Who: d.memberWho(r.Member), Body: view.Words(r.Text, nil),
		Byline: view.BylineProps{Name: d.memberName(r.Member), When: d.moment(r.WrittenAt), At: r.WrittenAt.Format(time.RFC3339)},
	}
	if r.Visibility.Private() {
		m.Tags = append(m.Tags, view.TagProps{Label: d.t("inboxpage.tag.private"), Icon: "lock"})
	}
	for _, a := range r.Media {
		if id, err := media.ParseID(a.MediaID); err == nil {
			at := "/media/" + string(id)
			m.Media = append(m.Media, view.MediaProps{Kind: "image", URL: at, Src: at + "?size=small", Alt: a.Alt})
		}
	}
	at := pathReply + string(r.ID) + "/"
	may := d.v.actor.Can(team.InboxReply)
	mine := may && (r.Member == d.v.actor.Member || d.v.actor.Can(team.InboxApprove))
	s := view.StateProps{Icon: "hourglass"}
	var keys view.ReplyKeys
	say := func(x *delivery.Trouble) {
		if x == nil {
			return
		}
		s.Cause, s.Remedy = d.t(x.Key, x.Args), d.t(x.Key+".remedy", x.Args)
	}
	switch r.State {
	case inbox.ReplyPending:
		s.Label = d.t("inboxpage.reply.pending")
		ok, err := d.rooms.Inbox.MayDecide(d.ctx(), d.v.actor, r)
		if err != nil {
			return m, err
		}
		if ok {
			keys.Approve, keys.Reject = at+"approve", at+"reject"
		}
		if r.Member == d.v.actor.Member && may {
			keys.Withdraw = at + "withdraw"
		}
	case inbox.ReplyRejected:
		s.Icon, s.Bad = "attention", true
		s.Label = d.t("inboxpage.reply.rejected", "name", d.memberName(r.DecidedBy))
		s.Cause = d.t("inboxpage.reply.reason", "reason", r.Reason)
		if mine {
			keys.Withdraw = at + "withdraw"
		}
	case inbox.ReplyFailed:
		s.Icon, s.Bad, s.Label = "attention", true, d.t("inboxpage.reply.failed")
		say(t.Deliveries[r.Delivery].Trouble)
		if may {
			keys.Retry = at + "retry"
		}
		if mine {
			keys.Withdraw = at + "withdraw"
		}
	default:
		x := t.Deliveries[r.Delivery]
		switch {
		case x.State == delivery.Unconfirmed:
			s.Icon, s.Bad, s.Label = "attention", true, d.t("inboxpage.reply.unconfirmed")
			say(x.Trouble)
			if may {
				keys.Again, keys.GiveUp = at+"again", at+"giveup"
			}
		case x.Trouble != nil:
			s.Label = d.t("inboxpage.reply.retrying")
			say(x.Trouble)
		case x.Late(d.now):
			s.Label = d.t("inboxpage.reply.late")
		default:
			s.Label = d.t("inboxpage.reply.sending")
		}
	}
	s.Keys = view.KeysFor(p, keys)
	m.State = &s
	return m, nil
}

// side is the person beside the conversation.
func (d *desk) side(p view.Page, t inbox.Thread) (*view.PersonSide, error) {
	id := t.Person()
	if id == "" || !d.v.actor.Can(team.PeopleRead) {
		return nil, nil //nolint:nilnil // nobody to show is no error
	}
	person, err := d.rooms.Audience.Person(d.ctx(), d.v.actor, id)
	if err != nil {
		return nil, err
	}
	notes, err := d.rooms.Audience.Notes(d.ctx(), d.v.actor, id)
	if err != nil {
		return nil, err
	}
	talks, err := d.rooms.Inbox.History(d.ctx(), d.v.actor, id, 7)
	if err != nil {
		return nil, err
	}
	s := &view.PersonSide{Href: pathPeople + "/" + string(id), Data: d.t("inboxpage.data.text"), Card: d.card(person)}
	s.Card.Href = s.Href
	if s.Card.Tie, err = d.tieCard(person); err != nil {
		return nil, err
	}
	s.Card.About = d.about(person, talks)
	for _, c := range talks {
		if c.ID != t.Conversation.ID && len(s.Card.History) < 6 {
			s.Card.History = append(s.Card.History, view.HistoryLine{
				When: d.v.words.ShortDate(c.LastInAt.In(d.zone), d.now), Text: d.words(c, 70), Href: d.look.at(view.PathInbox + "/" + string(c.ID)),
			})
		}
	}
	if len(notes) > 3 {
		notes = notes[len(notes)-3:]
	}
	s.Card.Notes = view.Notes(d.notes(notes))
	if d.v.actor.Can(team.PeopleManage) {
		s.Merge = s.Href + "#merge"
	}
	return s, nil
}

func (d *desk) notes(notes []audience.Note) []view.PersonNote {
	out := make([]view.PersonNote, 0, len(notes))
	for _, n := range notes {
		out = append(out, view.PersonNote{ID: n.ID, Keep: n.Keep, Who: d.memberName(n.Member), When: d.moment(n.At), Text: n.Body})
	}
	return out
}

// about says how long one knows each other.
func (d *desk) about(person audience.Person, talks []inbox.Conversation) string {
	first := person.CreatedAt
	for _, c := range talks {
		if c.LastInAt.Before(first) {
			first = c.LastInAt
		}
	}
	if len(talks) <= 1 {
		return d.t("inboxpage.known.once")
	}
	n := d.v.words.Number(len(talks))
	if len(talks) == 7 {
		return d.t("inboxpage.known.many")
	}
	return d.t("inboxpage.known", "count", n, "date", d.v.words.Date(first.In(d.zone)))
}

func (d *desk) card(person audience.Person) view.PersonCardProps {
	c := view.PersonCardProps{Who: view.WhoProps{Name: person.Name, Size: view.SizeLarge}, Name: person.Name}
	for n, i := range person.Identities {
		if n == 0 {
			c.Note = handleOn(i)
		}
		line := view.IdentityLine{Net: string(i.Network), Handle: handleOn(i), Href: webAddress(i.URL)}
		if i.Name != "" && i.Name != person.Name {
			line.Note = i.Name
		}
		if i.Bot {
			line.Note = strings.TrimSpace(line.Note + " · " + d.t("inboxpage.bot"))
		}
		c.Identities = append(c.Identities, line)
	}
	return c
}

// words gives what they last wrote, shortened.
func (d *desk) words(c inbox.Conversation, n int) string {
	if c.Preview == "" {
		return d.t("inboxpage.no_words")
	}
	return cutWords(withoutHail(c.Preview), n)
}

// cutWords shortens a text at a space, to n characters at most.
func cutWords(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	s = string(r[:n])
	if i := strings.LastIndexByte(s, ' '); i > n/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,.;:") + "…"
}
