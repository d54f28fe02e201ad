package web

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// composer is the sheet on which an answer is written.
func (d *desk) composer(p view.Page, t inbox.Thread, last inbox.Interaction, s talkState) (*view.ComposerProps, error) {
	room, err := d.rooms.Inbox.RoomFor(t)
	if err != nil {
		return nil, err
	}
	c := t.Conversation
	base := view.PathInbox + "/" + string(c.ID)
	private := c.Private || last.Visibility.Private()
	name := called(t.Identities[last.Identity])
	to := d.t("inboxpage.to.public", "company", channelTitle(t.Channel))
	if private {
		to = d.t("inboxpage.to.private")
	}
	named := ""
	if room.Prefix != "" {
		named = d.t("inboxpage.to.named", "names", strings.TrimSpace(room.Prefix))
	}
	out := &view.ComposerProps{
		ID: "reply", Label: d.t("inboxpage.reply.label", "name", name), Action: base + "/reply", Target: "#talk", Text: t.Draft.Text,
		To: view.ReplyTo(p, private, to, named), Prefix: room.Prefix, Hint: d.t("inboxpage.reply.hint", "name", name), Letter: "r",
		Limit: limitOf(t.Channel, room), DraftURL: base + "/draft", WritingURL: base + "/writing", Other: d.others(t), Error: s.error,
		Hidden: map[string]string{}, Open: s.error != "" || s.anyway,
	}
	if s.text != "" {
		out.Text = s.text
	}
	if s.anyway {
		out.Hidden["anyway"] = "1"
	}
	if out.Asks, err = d.askInTalk(s.asks, t); err != nil {
		return nil, err
	}
	out.Open = out.Open || len(out.Asks) > 0
	if d.v.actor.Can(team.InboxOrganise) {
		href := d.look.at(base, "note", "1")
		out.Tabs = []view.ComposerTab{{Label: d.t("inboxpage.note"), Href: href, Letter: "n", Attrs: swapTalk(href)}}
	}
	saved, err := d.rooms.Inbox.Filled(d.ctx(), d.v.actor, t)
	if err != nil {
		return nil, err
	}
	for _, x := range saved {
		out.Replies = append(out.Replies, view.SavedReply{ID: x.ID, Title: x.Title, Text: x.Body})
	}
	if room.Limits.Attach > 0 {
		out.Files = &view.ComposerFiles{Name: "file", Accept: accepts(room.Limits), Max: room.Limits.Attach, MaxSize: room.Limits.ImageBytes, AltMax: room.Limits.AltText}
		for _, m := range t.Draft.Media {
			at := "/media/" + m.MediaID
			out.Files.Kept = append(out.Files.Kept, view.KeptFile{ID: m.MediaID, Name: d.t("component.media.image"), Src: at + "?size=small", Alt: m.Alt})
		}
	}
	switch t.Channel.State {
	case network.Paused:
		out.Checks = append(out.Checks, view.CheckLine{Text: d.t("inboxpage.check.paused"), Todo: true, Link: d.t("inboxpage.check.channels"), Href: view.PathChannels})
	case network.Broken:
		out.Checks = append(out.Checks, view.CheckLine{Text: d.t("inboxpage.check.broken"), Todo: true, Link: d.t("inboxpage.check.channels"), Href: view.PathChannels})
	}
	if d.rooms.Inbox.WantsApproval(d.v.company, d.v.actor, c) {
		out.Note = d.t("inboxpage.approval")
	}
	return out, nil
}

func swapTalk(href string) map[string]any {
	return map[string]any{"hx-get": href, "hx-target": "#talk", "hx-swap": "outerHTML"}
}

func limitOf(ch network.Channel, room inbox.Room) *view.ComposerLimit {
	l := &view.ComposerLimit{Label: view.NetLabel(ch.Network), Count: view.CountGraphemes, Max: room.Limits.Characters, MaxBytes: room.Limits.Bytes, LinkLength: room.Limits.LinkLength}
	if ch.Network == network.Mastodon {
		l.Count = view.CountMastodon
	}
	if l.Max <= 0 {
		return nil
	}
	return l
}

// accepts lists the images that both the network and the room media take.
func accepts(l network.Limits) string {
	ours := []string{"image/jpeg", "image/png", "image/webp", "image/gif"}
	if len(l.MIMETypes) > 0 {
		ours = slices.DeleteFunc(ours, func(m string) bool { return !slices.Contains(l.MIMETypes, m) })
	}
	return strings.Join(ours, ",")
}

// sendKeys say what happens. There is one red key on a screen: an answer that waits for this member comes before their own.
func (d *desk) sendKeys(t inbox.Thread) ([]view.KeyProps, error) {
	kind := view.KeyRed
	for _, r := range t.Replies {
		ok, err := d.rooms.Inbox.MayDecide(d.ctx(), d.v.actor, r)
		if err != nil {
			return nil, err
		}
		if ok {
			kind = view.KeyPlain
		}
	}
	if d.rooms.Inbox.WantsApproval(d.v.company, d.v.actor, t.Conversation) {
		return []view.KeyProps{{Label: d.t("inboxpage.ask"), Kind: kind}}, nil
	}
	last, _ := t.Last()
	send := view.KeyProps{Label: d.t("inboxpage.send", "name", called(t.Identities[last.Identity])), Kind: kind, Icon: "send"}
	// The first key of a form answers Ctrl+Enter: it is the one that sends and keeps waiting.
	return []view.KeyProps{{Label: d.t("inboxpage.send.done"), Kind: view.KeyQuiet, Name: "finish", Value: string(inbox.Done)}, send}, nil
}

func (d *desk) noteComposer(t inbox.Thread, s talkState) *view.ComposerProps {
	base := view.PathInbox + "/" + string(t.Conversation.ID)
	href := d.look.at(base)
	return &view.ComposerProps{
		ID: "note", Label: d.t("inboxpage.note"), Action: d.look.at(base+"/note", "note", "1"), Target: "#talk", IsNote: true, Open: true, Text: s.text, Error: s.error,
		To: view.ReplyTo(view.Page{AssetURL: d.assets.URL}, true, d.t("inboxpage.note.to"), ""), Hint: d.t("inboxpage.note.hint"), Letter: "n",
		Tabs: []view.ComposerTab{{Label: d.t("inboxpage.reply.tab"), Href: href, Letter: "r", Attrs: swapTalk(href)}},
	}
}

// lookAgain reads the conversation again where it stands, and notes that the member saw what names them. It says nothing:
// what is new shows by itself.
func (w *Web) lookAgain(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	id := inbox.ConversationID(r.PathValue("id"))
	if err := w.rooms.Inbox.SeeMentions(r.Context(), v.actor, id); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	if err := w.rooms.Inbox.Look(ctx, v.actor, id); err != nil {
		// The channel's own watcher will tell what is wrong there; the page is of use as it is.
		w.rooms.Log.DebugContext(r.Context(), "web: looking again", "error", err, "request", v.id)
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}

func (w *Web) seeMentions(rw http.ResponseWriter, r *http.Request) error {
	if err := w.rooms.Inbox.SeeMentions(r.Context(), visitOf(r).actor, inbox.ConversationID(r.PathValue("id"))); err != nil {
		return err
	}
	return w.done(rw, r, view.PathToday, "todaypage.seen.done")
}

func (w *Web) touchWriting(rw http.ResponseWriter, r *http.Request) error {
	if _, err := w.rooms.Inbox.Touch(r.Context(), visitOf(r).actor, inbox.ConversationID(r.PathValue("id"))); err != nil {
		return err
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}

// saveDraft keeps what is being written; files that came with an earlier attempt stay.
func (w *Web) saveDraft(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	id := inbox.ConversationID(r.PathValue("id"))
	t, err := w.rooms.Inbox.Open(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if err := w.rooms.Inbox.SaveDraft(r.Context(), v.actor, id, inbox.Draft{Text: r.PostFormValue("text"), Media: t.Draft.Media}); err != nil {
		return err
	}
	rw.WriteHeader(http.StatusNoContent)
	return nil
}

// organised answers after something about a conversation was changed: the head and what was said, or the page.
func (d *desk) organised(rw http.ResponseWriter, err error, wrong func(*view.TalkHead, problem), key string, args ...string) error {
	id := inbox.ConversationID(d.r.PathValue("id"))
	status := http.StatusOK
	var state talkState
	if pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict); ok {
		status = pr.Status
		state.head = func(h *view.TalkHead) { wrong(h, pr) }
	} else if err != nil {
		return err
	}
	if !isFragment(d.r) {
		if err == nil {
			return d.done(rw, d.r, d.look.at(view.PathInbox+"/"+string(id)), key, args...)
		}
		return d.showTalk(rw, id, status, state)
	}
	t, err := d.rooms.Inbox.Open(d.ctx(), d.v.actor, id)
	if err != nil {
		return err
	}
	p := d.page("inboxpage.with", "name", t.Identities[t.Conversation.Identity].Label())
	head, err := d.head(t)
	if err != nil {
		return err
	}
	if state.head != nil {
		state.head(&head)
		return d.render(rw, d.r, status, inside(view.Fragment(p), view.TalkHeadPart(p, head, false)))
	}
	words := make([]any, len(args))
	for i, a := range args {
		words[i] = a
	}
	return d.render(rw, d.r, status, inside(view.Fragment(p), view.TalkHeadPart(p, head, false), view.ToastOOB(p, view.ToastProps{Text: d.t(key, words...)})))
}

// sayInHead says a problem in the head, with what to do.
func sayInHead(h *view.TalkHead, pr problem) {
	h.Note = strings.TrimSpace(pr.Text + " " + pr.Remedy)
	for _, name := range sortedIDs(pr.Fields) {
		h.Note = strings.TrimSpace(h.Note + " " + pr.Fields[name])
	}
}

func (w *Web) assign(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	to := team.MemberID(r.PostFormValue("to"))
	err = w.rooms.Inbox.Assign(r.Context(), d.v.actor, inbox.ConversationID(r.PathValue("id")), to)
	if to == "" {
		return d.organised(rw, err, sayInHead, "inboxpage.assigned.nobody")
	}
	return d.organised(rw, err, sayInHead, "inboxpage.assigned", "name", d.memberName(to))
}

func (w *Web) labelConversation(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	id := inbox.ConversationID(r.PathValue("id"))
	if gone := r.PostFormValue("remove"); gone != "" {
		return d.organised(rw, w.rooms.Inbox.RemoveLabel(r.Context(), d.v.actor, id, gone), sayInHead, "inboxpage.unlabelled")
	}
	l, err := w.rooms.Inbox.AddLabel(r.Context(), d.v.actor, id, r.PostFormValue("label"))
	return d.organised(rw, err, sayInHead, "inboxpage.label.done", "label", l.Name)
}

func (w *Web) snooze(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	until, ok := snoozes(d.now)[r.PostFormValue("until")]
	if !ok {
		// A day without an hour means its morning; what is no day becomes the beginning of time, which is refused.
		day, err := time.ParseInLocation(time.DateOnly, r.PostFormValue("date"), d.zone)
		if err == nil {
			until = day.Add(9 * time.Hour)
		}
	}
	err = w.rooms.Inbox.Snooze(r.Context(), d.v.actor, inbox.ConversationID(r.PathValue("id")), until)
	return d.organised(rw, err, sayInHead, "inboxpage.snoozed", "moment", d.moment(until))
}

func (w *Web) finish(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	return d.organised(rw, w.rooms.Inbox.Finish(r.Context(), d.v.actor, inbox.ConversationID(r.PathValue("id"))), sayInHead, "inboxpage.finished")
}

func (w *Web) reopen(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	return d.organised(rw, w.rooms.Inbox.Reopen(r.Context(), d.v.actor, inbox.ConversationID(r.PathValue("id"))), sayInHead, "inboxpage.reopened")
}

func (w *Web) addNote(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	id := inbox.ConversationID(r.PathValue("id"))
	text := r.PostFormValue("text")
	_, err = w.rooms.Inbox.AddNote(r.Context(), d.v.actor, id, text)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		d.look.note = true
		return d.showTalk(rw, id, pr.Status, talkState{error: sayAll(pr), text: text})
	} else if err != nil {
		return err
	}
	d.look.note = false
	return d.after(rw, id, "inboxpage.noted")
}

// after answers once something was written: the conversation as it is now.
func (d *desk) after(rw http.ResponseWriter, id inbox.ConversationID, key string, args ...string) error {
	if !isFragment(d.r) {
		return d.done(rw, d.r, d.look.at(view.PathInbox+"/"+string(id)), key, args...)
	}
	words := make([]any, len(args))
	for i, a := range args {
		words[i] = a
	}
	return d.showTalk(rw, id, http.StatusOK, talkState{toast: &view.ToastProps{Text: d.t(key, words...)}})
}

// sayAll says a problem in one text.
func sayAll(pr problem) string {
	parts := []string{pr.Text, pr.Remedy}
	for _, name := range sortedIDs(pr.Fields) {
		parts = append(parts, pr.Fields[name])
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// reply sends an answer. Whatever stands in the way, text and files stay.
func (w *Web) reply(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			return err
		}
		return media.ErrBroken.Because(err)
	}
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // temporary files: the system clears what stays
	}
	id := inbox.ConversationID(r.PathValue("id"))
	t, err := w.rooms.Inbox.Open(r.Context(), d.v.actor, id)
	if err != nil {
		return err
	}
	seen, _ := strconv.Atoi(r.PostFormValue("seen")) // not a number: not told
	in := inbox.ReplyIn{
		Conversation: id, Text: r.PostFormValue("text"), Finish: inbox.State(r.PostFormValue("finish")), Seen: seen, Anyway: r.PostFormValue("anyway") != "", Saved: r.PostFormValue("saved"),
	}
	var out inbox.Reply
	var asks []asked
	if err = d.v.actor.May(team.InboxReply); err == nil {
		if in.Media, err = d.attached(t); err == nil {
			out, asks, err = d.answer(in)
		}
	}
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		state := talkState{error: sayAll(pr), text: in.Text}
		if _, told := d.promisesOf(); told || fault.Of(err).Key == growth.ErrAsked.Key {
			state.asks, pr.Status = asks, promiseStatus(err, pr.Status)
			if fault.Of(err).Key == growth.ErrAsked.Key || anyWrong(asks) {
				state.error = "" // said where it is asked
			}
		}
		if e := fault.Of(err); e.Key == "inbox.reply.double" || e.Key == "inbox.reply.moved" {
			state.anyway = true
		}
		if kept := w.rooms.Inbox.SaveDraft(r.Context(), d.v.actor, id, inbox.Draft{Text: in.Text, Media: in.Media}); kept != nil && fault.KindOf(kept) != fault.Invalid {
			return kept
		}
		return d.showTalk(rw, id, pr.Status, state)
	} else if err != nil {
		return err
	}
	if out.State == inbox.ReplyPending {
		return d.after(rw, id, "inboxpage.asked")
	}
	return d.after(rw, id, "inboxpage.sent")
}

// attached gathers the files of an answer: those kept from an earlier attempt, then those that come now.
func (d *desk) attached(t inbox.Thread) ([]delivery.Attachment, error) {
	form := d.r.MultipartForm
	if form == nil {
		form = &multipart.Form{Value: d.r.PostForm}
	}
	var out []delivery.Attachment
	company := string(d.v.actor.Company)
	for i, raw := range form.Value["file-kept"] {
		id, err := media.ParseID(raw)
		if err != nil || slices.Contains(form.Value["file-drop"], raw) {
			continue
		}
		if _, err := d.rooms.Media.Get(d.ctx(), company, id); err != nil {
			return out, err
		}
		out = append(out, delivery.Attachment{MediaID: string(id), Alt: nth(form.Value["file-kept-alt"], i)})
	}
	for i, h := range form.File["file"] {
		if len(out) >= max(t.Channel.Limits.Attach, 0)+1 {
			break // one too many is enough to be told so
		}
		alt := strings.TrimSpace(nth(form.Value["file-alt"], i))
		f, err := d.takeIn(h, alt, t.Channel.Limits.ImageBytes)
		if err != nil {
			return out, err
		}
		out = append(out, delivery.Attachment{MediaID: string(f.ID), Alt: alt})
	}
	return out, nil
}

func (d *desk) takeIn(h *multipart.FileHeader, alt string, most int64) (media.File, error) {
	body, err := h.Open()
	if err != nil {
		return media.File{}, media.ErrBroken.Because(err)
	}
	defer func() { _ = body.Close() }() // only read from
	return d.rooms.Media.Add(d.ctx(), media.Incoming{
		Company: string(d.v.actor.Company), Member: string(d.v.actor.Member), Name: h.Filename, Alt: alt, Body: body, MaxBytes: most,
	})
}

func nth(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// replyVerbs are what can be done about an answer on its way, with what is said afterwards.
func (w *Web) replyVerbs() map[string]func(ctx context.Context, a team.Actor, id inbox.ReplyID, r *http.Request) error {
	return map[string]func(ctx context.Context, a team.Actor, id inbox.ReplyID, r *http.Request) error{
		"approve": func(ctx context.Context, a team.Actor, id inbox.ReplyID, _ *http.Request) error {
			return w.rooms.Inbox.Approve(ctx, a, id)
		},
		"reject": func(ctx context.Context, a team.Actor, id inbox.ReplyID, r *http.Request) error {
			return w.rooms.Inbox.Reject(ctx, a, id, r.PostFormValue("reason"))
		},
		"withdraw": func(ctx context.Context, a team.Actor, id inbox.ReplyID, _ *http.Request) error {
			return w.rooms.Inbox.Withdraw(ctx, a, id)
		},
		"retry": func(ctx context.Context, a team.Actor, id inbox.ReplyID, _ *http.Request) error {
			return w.rooms.Inbox.Retry(ctx, a, id)
		},
		"again": func(ctx context.Context, a team.Actor, id inbox.ReplyID, _ *http.Request) error {
			return w.rooms.Inbox.SendAgain(ctx, a, id)
		},
		"giveup": func(ctx context.Context, a team.Actor, id inbox.ReplyID, _ *http.Request) error {
			reply, err := w.rooms.Inbox.GetReply(ctx, a, id)
			if err != nil {
				return err
			}
			return w.rooms.Deliveries.GiveUp(ctx, a, reply.Delivery)
		},
	}
}

// moveReply decides upon an answer on its way.
func (w *Web) moveReply(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.desk(r)
	if err != nil {
		return err
	}
	verb := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	id := inbox.ReplyID(r.PathValue("id"))
	reply, err := w.rooms.Inbox.GetReply(r.Context(), d.v.actor, id)
	if err != nil {
		return err
	}
	d.look.note = false
	err = w.replyVerbs()[verb](r.Context(), d.v.actor, id, r)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict, fault.Denied); ok {
		notice := view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}
		if notice.Title == "" {
			notice.Title, notice.Remedy = sayAll(pr), ""
		}
		return d.showTalk(rw, reply.Conversation, pr.Status, talkState{notice: &notice})
	} else if err != nil {
		return err
	}
	return d.after(rw, reply.Conversation, "inboxpage.did."+verb)
}
