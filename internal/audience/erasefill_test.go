package audience_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/once"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// z is a word about the person who is erased, k one about somebody else.
func z(word string) string { return "zqxjzq" + word }

func k(word string) string { return "kpwvkp" + word }

// filled is a house in which there is something of a person in every place that can hold something.
type filled struct {
	*housetest.House
	log    *logBook
	once   *once.Once
	net    network.Name
	site   *networktest.Fake
	person audience.PersonID
	name   string
	items  []network.Item // everything that the network would bring again
	token  string         // of the letter's personal link
	record []byte         // the record's head when the house was full
}

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// judge goes by a word: "rotto" is criticism, "forse" is in doubt.
func judge(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: "it", Tone: triage.ToneNeutral, Criticism: triage.Opinion{P: .05, Decision: triage.No}}
	switch {
	case strings.Contains(text, "forse"):
		v.Criticism = triage.Opinion{P: .5, Decision: triage.Check}
	case strings.Contains(text, "rotto"):
		v.Criticism, v.Themes = triage.Opinion{P: .95, Decision: triage.Yes}, []triage.Theme{"quality"}
	}
	return v
}

// second is a model of somebody else's that repeats what it read.
func second(t testing.TB) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{
			"index": 0, "finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": `{"criticism":"no","why":"Dice ` + z("why") + `."}`},
		}}})
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

// fill makes the house. On Mastodon people are known by their handles with a server, elsewhere by the network's own ids.
func fill(t testing.TB, s *store.Store, net network.Name) *filled { return fillAmong(t, s, net, 0) }

// fillAmong makes the house with so much said by others around it.
func fillAmong(t testing.TB, s *store.Store, net network.Name, others int) *filled {
	t.Helper()
	f := &filled{log: &logBook{}, net: net}
	f.site = networktest.NewFake(networktest.FakeOptions{Network: network.Site, URL: "https://www.arno.example"})
	f.House = housetest.New(t, s, housetest.Options{
		Fake: networktest.FakeOptions{Network: net, Address: true, Characters: 5000, Blind: true}, Judge: judge, Log: f.log.logger(),
		More: []network.Connector{f.site.Connector()}, Pages: blog{},
	})
	f.once = once.New(f.Store, f.Keys, f.Clock, f.Team)
	f.Audience.OnErase("link", func(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
		n, err := f.Links.EraseNames(ctx, tx, e.Company, link.Names{Likes: e.Likes(), Mask: e.Mask})
		s.Add(audience.ErasedNames, n)
		return s, err
	})
	f.Audience.OnErase("once", func(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
		n, err := f.once.Forget(ctx, tx, e.Company, e.Names)
		s.Add(audience.ErasedReplays, n)
		return s, err
	})
	f.noise(t, others)
	f.write(t)
	f.noise(t, others/3)
	f.talk(t)
	f.judge(t)
	f.grow(t)
	f.post(t)
	f.remember(t)
	f.link(t)
	f.tie(t)
	f.leave(t)
	f.program(t)
	ok(t, f.Presence.Draw(t.Context(), f.Company.ID))
	return f
}

// ada is the person, bob and carla are others.
func (f *filled) ada() network.Author {
	a := network.Author{
		RemoteID: "did:plc:" + z("did"), Handle: z("handle") + ".one.example", Name: "Z" + z("name")[1:] + " " + z("surname"),
		URL: "https://one.example/@" + z("profile"), AvatarURL: "https://one.example/" + z("avatar") + ".png",
	}
	if f.net == network.Mastodon {
		a.RemoteID, a.Handle = "1001", z("handle")+"@one.example"
	}
	return a
}

func (f *filled) other(name string) network.Author {
	return network.Author{
		RemoteID: "did:plc:" + k(name), Handle: k(name) + "@one.example", Name: k(name) + " " + k("family"), URL: "https://one.example/@" + k(name),
	}
}

// bring brings items in, as the watcher of the channel would, and keeps them to bring them again.
func (f *filled) bring(t testing.TB, items ...network.Item) {
	t.Helper()
	for i := range items {
		it := &items[i]
		if it.At.IsZero() {
			f.Clock.Advance(time.Second)
			it.At = f.Clock.Now()
		}
		if it.Version == "" {
			it.Version = "1"
		}
		if it.Visibility == "" {
			it.Visibility = network.Public
		}
		if it.Kind == "" {
			it.Kind = network.KindMention
		}
	}
	must[network.IngestResult](t)(f.Networks.Ingest(f.T.Context(), f.Channel, network.Page{Items: items}))
	f.items = append(f.items, items...)
}

// uri is the remote id of something of hers: an AT URI, or what a server says, which means nothing elsewhere.
func (f *filled) uri(name string) string {
	switch {
	case f.net != network.Mastodon:
		return "at://did:plc:" + z("did") + "/post/" + z(name)
	case name == "unseen": // what never came cannot be known by its number
		return "77001"
	}
	return z(name)
}

// noise has other people say many other things, so that what she said lies among them in every page of the file and of the index.
func (f *filled) noise(t testing.TB, n int) {
	var items []network.Item
	for i := range n {
		who := fmt.Sprintf("noise%03d", i%97)
		items = append(items, network.Item{
			RemoteID: fmt.Sprintf("noise:%d:%d", len(f.items), i), Kind: network.KindMention, Version: "1", At: f.Clock.Now().Add(-time.Duration(i) * time.Minute),
			Author: network.Author{RemoteID: who, Handle: who + "@two.example", Name: who}, Visibility: network.Public,
			Text: fmt.Sprintf("z%dq parola%d di rumore y%dq quando arriva il numero %d", i%13, i*7919%1009, i, i),
		})
	}
	must[network.IngestResult](t)(f.Networks.Ingest(f.T.Context(), f.Channel, network.Page{Items: items}))
}

// write has the network bring everything that people can do.
func (f *filled) write(t testing.TB) {
	ada, bob, carla := f.ada(), f.other("bob"), f.other("carla")
	handle := "@" + ada.Handle
	// Alone with us: a criticism with everything that an item can carry, edited later.
	first := network.Item{
		RemoteID: f.uri("first"), Author: ada, Text: "Il piatto è rotto " + z("text"), Warning: z("warning"), Language: "it",
		URL: "https://one.example/@" + z("profile") + "/" + z("url"),
		Media: []network.Media{{
			Kind: network.Image, URL: "https://one.example/" + z("picture") + ".jpg", PreviewURL: "https://one.example/" + z("preview") + ".jpg", Alt: z("alt"),
		}},
		Mentions: []network.Author{bob},
	}
	f.bring(t, first)
	edited := first
	edited.Text, edited.Version, edited.EditedAt = "Il piatto era rotto "+z("edited"), "2", f.Clock.Now()
	f.bring(t, edited)
	// A doubt, a private message, and what has no words.
	f.bring(t,
		network.Item{RemoteID: f.uri("doubt"), Author: ada, Text: "forse " + z("doubt"), URL: "https://one.example/" + z("doubturl")},
		network.Item{RemoteID: f.uri("private"), Author: ada, Kind: network.KindMessage, Visibility: network.Direct, ThreadKey: z("thread"), Text: z("message")},
		network.Item{RemoteID: f.uri("like"), Author: ada, Kind: network.KindLike, ParentID: "ours:post"},
		network.Item{RemoteID: f.uri("follow"), Author: ada, Kind: network.KindFollow},
		network.Item{RemoteID: f.uri("review"), Author: ada, Kind: network.KindReview, Stars: 2, Text: z("review")},
	)
	// In a conversation that bob began, with an answer to her, and one that she began.
	f.bring(t,
		network.Item{RemoteID: "bob:1", Author: bob, Text: "Quando aprite? " + k("question")},
		network.Item{RemoteID: f.uri("joins"), Author: ada, Kind: network.KindReply, ParentID: "bob:1", RootID: "bob:1", Text: "Lo chiedo anch’io " + z("joins")},
		network.Item{
			RemoteID: "carla:1", Author: carla, Kind: network.KindReply, ParentID: f.uri("joins"), RootID: "bob:1",
			Text: handle + " ha ragione, " + ada.Name + " lo sa: " + k("agrees"), Mentions: []network.Author{ada, bob},
		},
		network.Item{RemoteID: f.uri("begins"), Author: ada, Text: "Vendete anche online? " + z("begins")},
		network.Item{RemoteID: "bob:2", Author: bob, Kind: network.KindReply, ParentID: f.uri("begins"), RootID: f.uri("begins"), Text: "Me lo chiedo anche io " + k("wonders")},
	)
	// Where she was not: she is named, and her page is linked.
	named := network.Item{
		RemoteID: "carla:2", Author: carla, Text: "Me l’ha detto " + handle + " " + k("named"), Mentions: []network.Author{ada},
		Media: []network.Media{{Kind: network.Image, URL: "https://one.example/x.jpg", Alt: "Una foto di " + handle}},
	}
	f.bring(t, named)
	again := named
	again.Text, again.Version, again.EditedAt = "Guardate "+ada.URL+"/77 "+k("linked"), "2", f.Clock.Now()
	f.bring(t, again)
	// An answer to something of hers that we never saw, and posts of our own.
	f.bring(t,
		network.Item{RemoteID: "bob:3", Author: bob, ParentID: f.uri("unseen"), RootID: f.uri("unseen"), Text: "Anche secondo me " + k("third")},
		network.Item{RemoteID: "ours:post", Kind: network.KindPost, Mine: true, Text: "Grazie a " + handle + " per la foto " + k("thanks"), Mentions: []network.Author{ada}},
		network.Item{RemoteID: "ours:phone", Kind: network.KindReply, Mine: true, ParentID: f.uri("review"), Text: handle + " grazie " + z("phone")},
	)
}

// conversation gives the conversation in which something was said.
func (f *filled) conversation(t testing.TB, words string) inbox.Conversation {
	t.Helper()
	l := must[inbox.List](t)(f.Inbox.List(t.Context(), f.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Query: words, Limit: 100}))
	for _, c := range l.Conversations {
		for _, i := range f.thread(t, c.ID).Interactions {
			if strings.Contains(i.Text, words) {
				return c
			}
		}
	}
	t.Fatalf("nobody said %q", words)
	return inbox.Conversation{}
}

func (f *filled) thread(t testing.TB, id inbox.ConversationID) inbox.Thread {
	t.Helper()
	return must[inbox.Thread](t)(f.Inbox.Open(t.Context(), f.Actor(team.Owner), id))
}

func (f *filled) said(t testing.TB, words string) inbox.Interaction {
	t.Helper()
	for _, i := range f.thread(t, f.conversation(t, words).ID).Interactions {
		if strings.Contains(i.Text, words) {
			return i
		}
	}
	panic("conversation found it")
}

// talk has the team do in conversations everything that leaves words.
func (f *filled) talk(t testing.TB) {
	ctx, owner, community := t.Context(), f.Actor(team.Owner), f.Actor(team.Community)
	handle := "@" + f.ada().Handle
	var pic bytes.Buffer
	ok(t, png.Encode(&pic, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	file := must[media.File](t)(f.Media.Add(ctx, media.Incoming{Company: string(f.Company.ID), Name: z("file") + ".png", Alt: z("filealt"), Body: &pic}))

	first := f.conversation(t, z("edited"))
	reply := must[inbox.Reply](t)(f.Inbox.Reply(ctx, owner, inbox.ReplyIn{
		Conversation: first.ID, Text: "Gentile " + z("name") + ", " + z("reply"), Media: []delivery.Attachment{{MediaID: string(file.ID), Alt: z("attached")}},
	}))
	if d := f.Deliver(reply.Delivery, time.Hour); d.State != delivery.Sent || !strings.Contains(d.Message.Text, handle) {
		t.Fatalf("%+v", d)
	}
	must[inbox.Note](t)(f.Inbox.AddNote(ctx, community, first.ID, "@owner "+z("note")))
	must[inbox.Label](t)(f.Inbox.AddLabel(ctx, community, first.ID, f.ada().Name))
	must[inbox.Label](t)(f.Inbox.AddLabel(ctx, community, first.ID, k("label")))
	ok(t, f.Inbox.SaveDraft(ctx, community, first.ID, inbox.Draft{Text: z("draft")}))

	// Answers that do not go out: one sent back, one that fails, one that is on its way.
	private := f.conversation(t, z("message"))
	f.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
	failed := must[inbox.Reply](t)(f.Inbox.Reply(ctx, owner, inbox.ReplyIn{Conversation: private.ID, Text: z("failed"), Anyway: true}))
	if d := f.Deliver(failed.Delivery, time.Hour); d.State != delivery.Failed {
		t.Fatalf("%s", d.State)
	}
	review := f.conversation(t, z("review"))
	must[inbox.Reply](t)(f.Inbox.Reply(ctx, owner, inbox.ReplyIn{Conversation: review.ID, Text: z("planned"), Anyway: true}))
	c := must[team.Company](t)(f.Team.Company(ctx, f.Company.ID))
	c.Settings.Approval = team.ApprovalAll
	change := team.ChangeCompanyIn{Name: c.Name, Zone: c.Zone, Locale: c.Locale, Settings: c.Settings}
	must[team.Company](t)(f.Team.ChangeCompany(ctx, owner, change))
	begins := f.conversation(t, z("begins"))
	back := must[inbox.Reply](t)(f.Inbox.Reply(ctx, community, inbox.ReplyIn{Conversation: begins.ID, Answers: f.said(t, z("begins")).ID, Text: z("pending"), Anyway: true}))
	ok(t, f.Inbox.Reject(ctx, owner, back.ID, "Non dire "+z("reason")))
	change.Settings.Approval = team.ApprovalNone
	must[team.Company](t)(f.Team.ChangeCompany(ctx, owner, change))

	// In bob's conversation: an answer to her, one to bob that names her, notes.
	shared := f.conversation(t, k("question"))
	for _, in := range []inbox.ReplyIn{
		{Conversation: shared.ID, Answers: f.said(t, z("joins")).ID, Text: "Dalle nove " + z("shared"), Anyway: true},
		{Conversation: shared.ID, Answers: f.said(t, k("question")).ID, Text: "Come ho detto a " + handle + ": " + k("tobob"), Anyway: true},
	} {
		r := must[inbox.Reply](t)(f.Inbox.Reply(ctx, owner, in))
		if d := f.Deliver(r.Delivery, time.Hour); d.State != delivery.Sent {
			t.Fatalf("%+v", d)
		}
	}
	must[inbox.Note](t)(f.Inbox.AddNote(ctx, community, shared.ID, f.ada().Name+" è la vicina di "+k("noted")))
	ok(t, f.Inbox.SaveDraft(ctx, community, shared.ID, inbox.Draft{Text: "Cara " + z("shareddraft")}))
	// Where she was not.
	named := f.conversation(t, k("linked"))
	must[inbox.Note](t)(f.Inbox.AddNote(ctx, community, named.ID, "Chiedere a "+handle+" "+k("elsewhere")))
	ok(t, f.Inbox.SaveDraft(ctx, community, named.ID, inbox.Draft{Text: "Anche " + handle + " " + k("draft")}))
	must[inbox.SavedReply](t)(f.Inbox.SaveReply(ctx, owner, inbox.SavedReply{Title: k("saved"), Body: "Scrivi a " + handle}))
	must[inbox.Label](t)(f.Inbox.AddLabel(ctx, community, named.ID, f.ada().Handle[:min(40, len(f.ada().Handle))]))

	f.person = f.thread(t, first.ID).Person()
	bob := f.thread(t, shared.ID).Person()
	tracked := must[link.Link](t)(f.Links.Create(ctx, owner, link.In{Target: "https://one.example/@" + z("profile"), Title: "Per " + handle, Campaign: "Grazie a " + handle, Tags: []string{f.ada().Handle}}))
	must[link.Link](t)(f.Links.Change(ctx, owner, tracked.ID, link.In{Target: "https://example.org/" + k("target"), Title: "Ancora per " + handle + " " + k("title"), Campaign: handle}))
	must[link.Link](t)(f.Links.Create(ctx, owner, link.In{Target: "https://one.example/@" + z("profile"), Title: k("tracked")}))
	ok(t, f.Audience.Rename(ctx, community, f.person, z("called")+" "+z("custom")))
	must[audience.Note](t)(f.Audience.AddNote(ctx, community, f.person, z("personnote")))
	must[audience.Note](t)(f.Audience.AddNote(ctx, community, bob, "Amico di "+handle+" "+k("friend")))
	// She was taken for bob once, and has a second account.
	m := must[audience.MergeID](t)(f.Audience.MergePeople(ctx, community, bob, f.person))
	ok(t, f.Audience.UndoMerge(ctx, community, m))
	f.bring(t, network.Item{RemoteID: "second:1", Author: network.Author{RemoteID: "did:plc:" + z("seconddid"), Handle: z("second") + "@two.example", Name: z("secondname")}, Text: z("secondtext")})
	also := f.thread(t, f.conversation(t, z("secondtext")).ID).Person()
	must[audience.MergeID](t)(f.Audience.MergePeople(ctx, community, f.person, also))
	f.name = must[audience.Person](t)(f.Audience.Person(ctx, community, f.person)).Name
}

// judge has her texts corrected and read by another model.
func (f *filled) judge(t testing.TB) {
	ctx, owner := t.Context(), f.Actor(team.Owner)
	ok(t, f.Verdicts.SetSecondSettings(ctx, owner, verdict.SecondIn{Enabled: true, Address: second(t), Model: "llama"}))
	must[time.Duration](t)(f.Verdicts.AskSecond(ctx, f.Company.ID))
	yes := true
	ok(t, f.Inbox.Correct(ctx, owner, f.said(t, z("review")).ID, verdict.Correction{Criticism: &yes}))
}

// grow makes a case of what she and bob criticise, up to the letter that she answers.
func (f *filled) grow(t testing.TB) {
	ctx, owner := t.Context(), f.Actor(team.Owner)
	handle := "@" + f.ada().Handle
	f.bring(t, network.Item{RemoteID: "bob:4", Author: f.other("bob"), Text: "È rotto anche il mio " + k("broken"), URL: "https://one.example/@bob/4"})
	first, bobs := f.said(t, z("edited")), f.said(t, k("broken"))
	c := must[growth.Case](t)(f.Growth.Open(ctx, owner, growth.OpenIn{
		Title: "I piatti di " + f.name + " " + k("plates"), Interactions: []inbox.InteractionID{first.ID, bobs.ID}, Owner: owner.Member,
	}))
	must[growth.Task](t)(f.Growth.AddTask(ctx, owner, c.ID, "Chiamare "+handle+" "+k("task"), owner.Member))
	must[growth.Evidence](t)(f.Growth.AddEvidence(ctx, owner, c.ID, growth.Evidence{Kind: growth.EvidenceText, Text: "Lo dice " + f.ada().Name + " " + k("evidence")}))
	must[growth.Evidence](t)(f.Growth.AddEvidence(ctx, owner, c.ID, growth.Evidence{Kind: growth.EvidenceLink, Text: "Dove", URL: f.ada().URL + "/88"}))
	crit := must[map[inbox.InteractionID]growth.Criticism](t)(f.Growth.OfConversation(ctx, owner, first.Conversation))[first.ID]
	ok(t, f.Growth.SetQuote(ctx, owner, crit.ID, true, "era rotto "+z("edited")))
	f.Clock.Advance(time.Hour)
	ok(t, f.Growth.Advance(ctx, owner, c.ID, growth.AdvanceIn{
		To: growth.CaseChanged, Cause: "Come dice " + handle + " " + k("cause"), Plan: "Imballare " + k("plan"), Did: growth.Words{IT: "Imballiamo meglio", EN: "Better boxes"},
	}))
	file := must[growth.File](t)(f.Growth.OpenFile(ctx, owner, c.ID))
	in := growth.DraftIn{
		Title: growth.Words{IT: "Piatti " + k("entry"), EN: "Plates"}, Stone: growth.Words{IT: "piatti", EN: "plates"},
		Said: growth.Words{IT: "Era rotto " + z("edited"), EN: "It was broken " + z("edited")}, Did: growth.Words{IT: "Scatole " + k("done"), EN: "Boxes"},
	}
	ok(t, f.Growth.ChangeImprovement(ctx, owner, file.Improvement.ID, in))
	ok(t, f.Growth.Publish(ctx, owner, file.Improvement.ID))
	link := regexp.MustCompile(`/c/([A-Za-z0-9_-]{22})`)
	for _, l := range must[growth.File](t)(f.Growth.OpenFile(ctx, owner, c.ID)).Letters {
		if l.Criticism != crit.ID {
			continue
		}
		ok(t, f.Growth.ChangeLetter(ctx, owner, l.ID, "Gentile "+z("letter")+"\n"+l.Text))
		ok(t, f.Growth.SendLetter(ctx, owner, l.ID, growth.Said{}))
		for _, r := range f.thread(t, first.Conversation).Replies {
			if m := link.FindStringSubmatch(r.Text); m != nil {
				f.token = m[1]
				f.Deliver(r.Delivery, time.Hour)
			}
		}
	}
	if f.token == "" {
		t.Fatal("no letter went to her")
	}
	ok(t, f.Growth.AnswerAsked(ctx, f.token, true, z("confirms")))
	// A promise to her, kept, and one of which the answer has not gone out.
	for i, words := range []string{z("promise"), z("unsent")} {
		r := must[inbox.Reply](t)(f.Growth.Answer(ctx, owner, growth.AnswerIn{
			ReplyIn:  inbox.ReplyIn{Conversation: first.Conversation, Text: "Lo faremo " + words, Anyway: true},
			Promises: []growth.PromiseIn{{Text: "Lo faremo " + words, DueAt: f.Clock.Now().Add(72 * time.Hour)}},
		}))
		if i > 0 {
			continue
		}
		f.Deliver(r.Delivery, time.Hour)
		for _, p := range must[growth.PromisePage](t)(f.Growth.Promises(ctx, owner, growth.PromiseFilter{})).Promises {
			if p.Reply == r.ID {
				ok(t, f.Growth.Keep(ctx, owner, p.ID, "Fatto per "+z("kept")))
			}
		}
	}
	f.record = must[[]byte](t)(f.Growth.Checkpoint(ctx, f.Company.ID))
}

// post writes posts that mention her: one that is planned, one that was changed, one with a comment about her.
func (f *filled) post(t testing.TB) {
	ctx, owner, chs := t.Context(), f.Actor(team.Owner), []network.ChannelID{f.Channel.ID}
	handle := "@" + f.ada().Handle
	m := post.Message{Title: "Con " + handle, Text: "Grazie a @[" + f.ada().Name + "](" + string(f.person) + ") per la foto. " + k("posted")}
	x := must[post.Post](t)(f.Posts.Create(ctx, owner, post.CreateIn{Message: m, Channels: chs, Own: map[network.ChannelID]post.Own{chs[0]: {Text: m.Text + " " + k("byhand"), FirstComment: f.ada().Name + " " + k("first")}}}))
	look := must[post.File](t)(f.Posts.Open(ctx, owner, x.ID))
	for _, d := range look.Doubts {
		ok(t, f.Posts.Confirm(ctx, owner, x.ID, []string{d.Mark}))
	}
	wall := schedule.WallOf(f.Clock.Now().AddDate(0, 1, 0), time.UTC)
	x = must[post.Post](t)(f.Posts.Schedule(ctx, owner, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wall}}))
	if x.State != post.Planned {
		t.Fatal(x.State)
	}
	must[post.Comment](t)(f.Posts.Comment(ctx, owner, x.ID, "Chiedere a "+f.ada().Name+" "+k("commented")))
	y := must[post.Post](t)(f.Posts.Create(ctx, owner, post.CreateIn{Message: m, Channels: chs}))
	must[post.Post](t)(f.Posts.SaveDraft(ctx, f.Actor(team.Editor), post.SaveIn{Post: y.ID, Version: y.Version, Message: post.Message{Text: k("changed")}, Channels: chs}))
	must[post.Snippet](t)(f.Posts.SaveSnippet(ctx, owner, post.Snippet{Kind: post.Template, Name: k("template"), Message: m}))
}

// remember has an answer to a program kept that is about her.
func (f *filled) remember(t testing.TB) {
	for _, key := range []string{"a-key", "to-" + f.ada().Handle} {
		_, _, err := f.once.Within(t.Context(), once.Request{Company: f.Company.ID, Token: "tok", Key: key, Hash: "h"}, func(context.Context) once.Answer {
			return once.Answer{Status: 200, Body: []byte(z("answer"))}
		})
		ok(t, err)
	}
}

// leave has her leave ways to be reached: in a conversation, in a form, in one that waits; and others name her in theirs.
func (f *filled) leave(t testing.TB) {
	ctx, owner := t.Context(), f.Actor(team.Owner)
	email := z("mail") + "@one.example"
	l := must[lead.Lead](t)(f.Leads.FromConversation(ctx, owner, f.conversation(t, z("edited")).ID, lead.NewIn{Email: email, Name: z("lead")}))
	must[lead.Lead](t)(f.Leads.Change(ctx, owner, l.ID, lead.ChangeIn{State: &lost, Reason: "Dice " + z("lost")}))
	ok(t, f.Leads.AddNote(ctx, owner, l.ID, z("leadnote")))
	form := must[lead.Form](t)(f.Leads.CreateForm(ctx, owner, lead.FormIn{Name: k("form"), Fields: []lead.Field{
		{Key: "name", Kind: lead.Short, Label: "Nome"},
		{Key: "email", Kind: lead.Email, Label: "E-mail", Required: true},
		{Key: "more", Kind: lead.Long, Label: "Altro"},
		{Key: "privacy", Kind: lead.Consent, Label: "Ho letto l’informativa."},
	}}))
	must[lead.Form](t)(f.Leads.SetForm(ctx, owner, form.ID, lead.Live))
	for _, who := range []struct {
		email, more string
		confirm     bool
	}{{email, z("more"), true}, {email, z("waits"), false}, {k("mail") + "@two.example", k("more"), true}} {
		out := must[lead.Answered](t)(f.Leads.Submit(ctx, form.Code, lead.Sent{Values: map[string][]string{
			"name": {"Qualcuno"}, "email": {who.email}, "more": {who.more}, "privacy": {"yes"},
		}}))
		if who.confirm {
			f.Clock.Advance(time.Minute)
			ok(t, f.Leads.Confirm(ctx, form.Code, out.Token))
		}
	}
	today := link.DayOf(f.Clock.Now())
	must[report.Cost](t)(f.Report.AddCost(ctx, owner, report.CostIn{
		Kind: report.Samples, Cents: 100, From: today, Channel: "@" + f.ada().Handle, Campaign: "Grazie a @" + f.ada().Handle, Note: "Una tazza per @" + f.ada().Handle + " " + k("costnote"),
		ElsewhereCents: 200, Elsewhere: "come dice @" + f.ada().Handle,
	}))
	must[lead.Lead](t)(f.Leads.Add(ctx, owner, lead.NewIn{Name: k("lead"), Phone: "055 123456", Note: "La manda @" + f.ada().Handle + " " + k("sent")}))
}

var lost = lead.Lost

// tie has the ties looked at: what she did towards others and others towards her, whom she follows, and what is advised about her.
func (f *filled) tie(t testing.TB) {
	ctx := t.Context()
	ok(t, f.Fake.Stranger(k("fan"), f.ada().Handle).FollowWho(f.ada().Handle))
	ok(t, f.Reach.Feed(ctx, f.Company.ID))
	ok(t, f.Reach.Draw(ctx, f.Company.ID))
}

// program has a program of the company's told about her: once when it answers, about her, and once when it cannot be reached.
func (f *filled) program(t testing.TB) {
	ctx, ada := t.Context(), f.ada()
	deaf := false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if deaf {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, "noted: @%s, %s", ada.Handle, z("echo"))
	}))
	t.Cleanup(s.Close)
	_, _, err := f.Webhooks.Add(ctx, f.Actor(team.Owner), webhook.In{URL: s.URL, Events: webhook.Types, On: true})
	ok(t, err)
	for i, key := range []string{"heard", "waits"} {
		deaf = i > 0
		about := map[string]any{"trouble": "The network does not know @" + ada.Handle, "seen": []string{ada.URL, k("beside")}, "n": 1 << 60}
		ok(t, f.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return f.Webhooks.Tell(ctx, tx, f.Company.ID, webhook.Event{Type: webhook.DeliveryFailed, Key: key, Data: about})
		}))
		for _, id := range must[[]webhook.MessageID](t)(f.Webhooks.Waiting(ctx)) {
			must[time.Duration](t)(f.Webhooks.Step(ctx, f.Company.ID, id))
		}
	}
	if n := len(must[[]webhook.MessageID](t)(f.Webhooks.Waiting(ctx))); n != 1 {
		t.Fatalf("%d messages wait for the program", n)
	}
}

// blog is her own site: each of its pages answers one of ours.
type blog struct{}

// Do implements mention.Doer.
func (blog) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<div class="h-entry"><a class="u-in-reply-to" href="https://www.arno.example/vasi">vasi</a>
		<a class="p-author h-card" href="https://one.example/%s">%s</a><p class="e-content">Belli %s</p></div>`, z("linkauthor"), z("linkname"), z("linktext"))
	res := w.Result()
	res.Request = r
	return res, nil
}

// link has her site answer a page of the company's, and a page of the company's link hers.
func (f *filled) link(t testing.TB) {
	ctx, owner := t.Context(), f.Actor(team.Owner)
	f.site.Join("arno")
	ch := must[network.Channel](t)(f.Networks.ConnectPassword(ctx, owner, f.site.Server(), "arno", networktest.AppPassword))
	m := must[linkback.Mention](t)(f.Linkbacks.Tell(ctx, linkback.ToldIn{
		Channel: ch.ID, Source: "https://one.example/" + z("linkpage"), Target: "https://www.arno.example/vasi", Protocol: mention.Webmention,
	}))
	must[time.Duration](t)(f.Linkbacks.Check(ctx, m.Company, m.ID))
	said := must[inbox.Interaction](t)(f.Inbox.InteractionOn(ctx, f.Company.ID, ch.ID, m.RemoteID))
	must[audience.MergeID](t)(f.Audience.MergePeople(ctx, f.Actor(team.Community), f.person, f.thread(t, said.Conversation).Person()))
	must[network.IngestResult](t)(f.Networks.Ingest(ctx, ch, network.Page{Items: []network.Item{{
		RemoteID: "article:1", Kind: network.KindPost, Mine: true, URL: "https://www.arno.example/articolo", Text: "Un articolo", Version: "1", At: f.Clock.Now(),
		HTML: `<a href="https://one.example/` + z("linkauthor") + `/1">lei</a> <a href="https://two.example/` + k("linked") + `">altri</a>`,
	}}}))
	f.name = must[audience.Person](t)(f.Audience.Person(ctx, owner, f.person)).Name
}
