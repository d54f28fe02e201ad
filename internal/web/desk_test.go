package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web"
)

// house is the desk over a house with a channel on a fake network.
type house struct {
	*housetest.House
	*door
}

func newHouse(t *testing.T, s *store.Store, o housetest.Options) *house {
	t.Helper()
	h := housetest.New(t, s, o)
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Open(seal.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, clock: h.Clock, rooms: web.Rooms{
		Team: h.Team, Signin: signin.New(s, h.Team, ring, h.Clock, signin.Options{Params: signin.Params{Memory: 64, Passes: 1, Threads: 1}}),
		Networks: h.Networks, Archives: h.Archives, Deliveries: h.Deliveries, Audience: h.Audience, Inbox: h.Inbox, Growth: h.Growth, Posts: h.Posts, Reach: h.Reach, Links: h.Links, Linkbacks: h.Linkbacks, Presence: h.Presence, Verdicts: h.Verdicts, Webhooks: h.Webhooks, Notices: h.Notices, Leads: h.Leads, Report: h.Report, Media: h.Media, Live: h.Live,
		Catalog: catalog, Clock: h.Clock, Log: storetest.Log(),
	}}
	if d.web, err = web.New(d.rooms, web.Options{}); err != nil {
		t.Fatal(err)
	}
	d.server = httptest.NewServer(d.web)
	t.Cleanup(func() {
		d.server.CloseClientConnections()
		d.server.Close()
		if missing := catalog.Missing(); len(missing) > 0 {
			t.Errorf("sentences that are not there: %v", missing)
		}
	})
	return &house{House: h, door: d}
}

func eachHouse(t *testing.T, o housetest.Options, f func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, newHouse(t, s, o)) })
}

// as signs a role in.
func (h *house) as(role team.Role) *browser {
	h.door.t.Helper()
	h.give(h.Members[role])
	who := h.browser("it")
	who.enter(h.Members[role].Email)
	return who
}

func (h *house) ok(err error) {
	h.door.t.Helper()
	if err != nil {
		h.door.t.Fatal(err)
	}
}

// mention lets a stranger write in public and gives the conversation's address.
func (h *house) mention(handle, text string) string {
	h.door.t.Helper()
	_, err := h.Stranger(handle).Mention(context.Background(), text)
	h.ok(err)
	h.Read()
	return h.newest()
}

func (h *house) newest() string {
	h.door.t.Helper()
	l, err := h.Inbox.List(h.door.t.Context(), h.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 1})
	h.ok(err)
	return "/inbox/" + string(l.Conversations[0].ID)
}

func (h *house) thread(at string) inbox.Thread {
	h.door.t.Helper()
	t, err := h.Inbox.Open(h.door.t.Context(), h.Actor(team.Owner), inbox.ConversationID(strings.TrimPrefix(at, "/inbox/")))
	h.ok(err)
	return t
}

var seenField = regexp.MustCompile(`name="seen" value="(\d+)"`)

func seen(t *testing.T, a answer) string {
	t.Helper()
	m := seenField.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("the revision is not in the page: %s", cut(a.body))
	}
	return m[1]
}

func (a answer) hides(t testing.TB, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.body, w) {
			t.Errorf("%s says %q", what, w)
		}
	}
}

func TestWhoMayDoWhatInTheInbox(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		at := h.mention("ada", "@ceramichearno fate anche piatti fondi?")
		person := "/people/" + string(h.thread(at).Person())
		for _, role := range team.Roles {
			who := h.as(role)
			for path, p := range map[string]team.Permission{
				"/inbox": team.InboxRead, at: team.InboxRead, at + "/thread": team.InboxRead, "/inbox/waiting": team.InboxRead, "/inbox/list": team.InboxRead,
				"/inbox/filters": team.InboxRead, at + "/others": team.InboxRead, "/people": team.PeopleRead, person: team.PeopleRead,
			} {
				want := http.StatusForbidden
				if role.Can(p) {
					want = http.StatusOK
				}
				if got := who.get(path); got.status != want {
					t.Errorf("%s as %s: %d, want %d", path, role, got.status, want)
				}
			}
			for path, p := range map[string]team.Permission{
				at + "/assign": team.InboxOrganise, at + "/done": team.InboxOrganise, at + "/note": team.InboxOrganise, at + "/label": team.InboxOrganise,
				at + "/snooze": team.InboxOrganise, at + "/reopen": team.InboxOrganise, at + "/reply": team.InboxReply, at + "/draft": team.InboxReply,
				at + "/writing": team.InboxReply, person + "/note": team.PeopleManage, person + "/name": team.PeopleManage,
			} {
				got := who.post(path, "to", "", "label", "x", "until", "tomorrow", "text", "una nota")
				if denied := got.status == http.StatusForbidden; denied == role.Can(p) {
					t.Errorf("POST %s as %s: %d", path, role, got.status)
				}
			}
			page, today := who.get(at), who.get("/")
			if today.status != http.StatusOK {
				t.Fatalf("today as %s: %d", role, today.status)
			}
			if role == team.Guest {
				page.says(t, "a guest", "Con il tuo ruolo puoi leggere")
				page.hides(t, "a guest", `id="reply"`, at+"/assign")
			}
			if role == team.Contributor {
				today.says(t, "a contributor", "Niente da fare qui.")
				today.hides(t, "a contributor", "piatti fondi")
			}
		}
	})
}

func TestAnAnswerGoesOutThroughAForm(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{Fake: networktest.FakeOptions{Address: true}}, func(t *testing.T, h *house) {
		at := h.mention("ada", "@ceramichearno fate anche piatti fondi?")
		who := h.as(team.Owner)
		today := who.get("/")
		today.says(t, "today", "Una persona aspetta una risposta.", "Rispondi a ada", "piatti fondi", "È in pubblico", "Nessuno l’ha ancora presa.", at+"#reply-text")
		page := who.get(at)
		page.says(t, "the conversation", "Menzione pubblica su Fake", "piatti fondi?", "Manda a ada", "Manda e chiudi", "A: @ada", `data-max="300"`, `data-prefix="@ada `)
		got := who.post(at+"/reply", "text", strings.Repeat("lungo ", 80), "seen", seen(t, page))
		if got.status != http.StatusUnprocessableEntity {
			t.Fatalf("too long: %d", got.status)
		}
		got.says(t, "too long", "Troppo lunga", "lungo lungo", `aria-invalid="true"`)
		if !strings.HasPrefix(h.thread(at).Draft.Text, "lungo lungo") {
			t.Error("what was typed is lost")
		}
		who.post(at+"/reply", "text", "Sì, da 21 cm.", "seen", seen(t, page)).is(t, "sending", http.StatusSeeOther, at)
		who.get(at).says(t, "under way", "Sì, da 21 cm.", "Sta partendo.", "La risposta sta partendo.")
		for _, d := range h.thread(at).Deliveries {
			h.Deliver(d.ID, time.Minute)
		}
		page = who.get(at)
		page.says(t, "sent", "Sì, da 21 cm.", "In attesa di loro", "Olga")
		page.hides(t, "sent", "Sta partendo.")
		who.get("/inbox").says(t, "the list", "Già risposte oggi")
		if n := len(h.Fake.Standing(housetest.Handle)); n != 1 {
			t.Errorf("%d answers stand there", n)
		}
	})
}

func TestWhoWasSlowerIsTold(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		at := h.mention("ada", "@ceramichearno una domanda")
		who := h.as(team.Community)
		before := seen(t, who.get(at))
		id := h.thread(at).Interactions[0].RemoteID
		_, err := h.Stranger("ada").Reply(context.Background(), id, "@ceramichearno anzi due")
		h.ok(err)
		h.Read()
		got := who.post(at+"/reply", "text", "La mia risposta", "seen", before)
		if got.status != http.StatusConflict {
			t.Fatalf("a collision: %d", got.status)
		}
		got.says(t, "a collision", "Mentre scrivevi è arrivato qualcosa di nuovo.", "La mia risposta", `name="anyway" value="1"`, "anzi due")
		who.post(at+"/reply", "text", "La mia risposta", "seen", before, "anyway", "1").is(t, "the second press", http.StatusSeeOther, at)
		other := h.as(team.Owner)
		got = other.post(at+"/reply", "text", "Anch’io", "seen", seen(t, other.get(at)))
		got.says(t, "two at once", "Un collega ha già scritto una risposta qui.")
	})
}

func TestASecondPersonDecides(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		at := h.mention("ada", "@ceramichearno una domanda")
		writer, owner := h.as(team.Marketing), h.as(team.Owner)
		writer.get(at).says(t, "the writer", "Chiedi il via libera", "La rilegge un’altra persona")
		writer.post(at+"/reply", "text", "Prima stesura").is(t, "asking", http.StatusSeeOther, at)
		reply := "/inbox/replies/" + string(h.thread(at).Replies[0].ID)
		mine := writer.get(at)
		mine.says(t, "the writer", "Aspetta il via libera", "Riprendi il testo")
		mine.hides(t, "the writer", reply+"/approve")
		if got := writer.post(reply + "/approve"); got.status != http.StatusForbidden {
			t.Errorf("approving one’s own: %d", got.status)
		}
		owner.get("/").says(t, "today", "Aspettano il tuo via libera", "Prima stesura")
		owner.get(at).says(t, "who decides", "Approva e manda", reply+"/reject")
		if got := owner.post(reply+"/reject", "reason", ""); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Scrivi perché") {
			t.Errorf("no reason: %d", got.status)
		}
		owner.post(reply+"/reject", "reason", "Troppo fredda").is(t, "sending back", http.StatusSeeOther, at)
		writer.get(at).says(t, "sent back", "l’ha rimandata indietro", "Troppo fredda", ">Prima stesura</textarea>")
		writer.post(at+"/reply", "text", "Seconda stesura").is(t, "asking again", http.StatusSeeOther, at)
		for _, r := range h.thread(at).Replies {
			if r.State == inbox.ReplyPending {
				owner.post("/inbox/replies/"+string(r.ID)+"/approve").is(t, "approving", http.StatusSeeOther, at)
				again := owner.post("/inbox/replies/" + string(r.ID) + "/approve")
				if again.status != http.StatusConflict {
					t.Errorf("deciding twice: %d", again.status)
				}
				again.says(t, "deciding twice", "Qualcuno ha già deciso su questa risposta.", "Seconda stesura")
			}
		}
	})
}

func TestWhatIsPrivateLooksPrivate(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		_, err := h.Stranger("ada").Message(context.Background(), "il mio indirizzo è in via Larga 3")
		h.ok(err)
		h.Read()
		at := h.newest()
		who := h.as(team.Owner)
		who.get(at).says(t, "a private conversation", "Solo fra voi", "Risposta privata, solo fra voi", "Messaggio privato su Fake", `class="talk private"`)
		who.get("/").says(t, "today", "Ha scritto in privato, solo a voi.")
		who.post(at+"/reply", "text", "Grazie", "finish", "done").is(t, "sending", http.StatusSeeOther, at)
		for _, d := range h.thread(at).Deliveries {
			if d.Message.Visibility != network.Direct {
				t.Errorf("it goes out as %q", d.Message.Visibility)
			}
		}
	})
}

// What people write is shown as they wrote it, whatever it looks like.
func TestWordsNeverBecomeMarkup(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
		_, err := h.Stranger("ada").Mention(context.Background(), "@ceramichearno "+evil)
		h.ok(err)
		_, err = h.Stranger("bea").PostWithMedia(context.Background(), "@ceramichearno "+evil, evil)
		h.ok(err)
		h.Read()
		at := h.newest()
		who := h.as(team.Owner)
		who.post(at+"/note", "text", evil+" @olga").is(t, "a note", http.StatusSeeOther, at)
		who.post(at+"/label", "label", `<b>x</b>`).is(t, "a label", http.StatusSeeOther, at)
		person := "/people/" + string(h.thread(at).Person())
		who.post(person+"/note", "body", evil).is(t, "about a person", http.StatusSeeOther, person+"#notes")
		who.post(person+"/name", "name", evil).is(t, "a name", http.StatusSeeOther, person)
		who.post(at+"/reply", "text", evil).is(t, "a reply", http.StatusSeeOther, at)
		for _, path := range []string{"/", "/inbox", "/inbox?view=all", at, at + "?note=1", at + "/thread", "/people", person, person + "?same=" + "%3Cscript%3E", "/inbox?q=%3Cscript%3Ealert"} {
			got := who.get(path)
			if got.status != http.StatusOK {
				t.Errorf("%s: %d", path, got.status)
			}
			got.hides(t, path, "<script>alert", "<img src=x", "<b>x</b>", `href="javascript:`)
		}
	})
}

func TestTheListPagesByItsKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	for i := range 35 {
		_, err := h.Stranger("p"+string(rune('a'+i%26))+string(rune('a'+i/26))).Mention(context.Background(), "@ceramichearno domanda")
		h.ok(err)
	}
	h.Read()
	who := h.as(team.Owner)
	first := who.get("/inbox")
	row := regexp.MustCompile(`id="row-(cnv_[a-z0-9]+)"`)
	all := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(first.body, -1) {
		all[m[1]] = true
	}
	next := regexp.MustCompile(`href="(/inbox\?[^"]*after=[^"]+)"`).FindStringSubmatch(first.body)
	if len(all) != 30 || next == nil {
		t.Fatalf("%d rows, next %v", len(all), next)
	}
	who.head.Set("HX-Request", "true")
	second := who.get(strings.ReplaceAll(next[1], "&amp;", "&"))
	for _, m := range row.FindAllStringSubmatch(second.body, -1) {
		if all[m[1]] {
			t.Errorf("%s stands on both pages", m[1])
		}
		all[m[1]] = true
	}
	if len(all) != 35 || strings.Contains(second.body, "after=") {
		t.Errorf("%d rows on both pages", len(all))
	}
	if got := who.get("/inbox?after=nonsense"); got.status == http.StatusOK {
		t.Error("a cursor that is none")
	}
}

func TestFragmentsBringOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	at := h.mention("ada", "@ceramichearno una domanda")
	who := h.as(team.Owner)
	who.head.Set("HX-Request", "true")
	who.head.Set("HX-Target", "talk")
	got := who.get(at)
	got.says(t, "opening", `id="talk"`, `id="person" hx-swap-oob="true"`, "<title>", `data-topics="inbox conversation:`)
	got.hides(t, "opening", `class="rail"`, `class="filters"`, `id="list"`)
	who.head.Set("HX-Target", "talk-head")
	head := who.post(at+"/assign", "to", string(h.Members[team.Community].ID))
	head.says(t, "assigning", `id="talk-head"`, "Ora ci pensa Uno.", "hx-swap-oob")
	head.hides(t, "assigning", `id="talk"`)
	who.post(at+"/done").says(t, "done", "Chiusa", "Riprendi in mano")
	who.post(at+"/reopen").says(t, "reopened", "Segna come fatta")
	who.post(at+"/snooze", "until", "tomorrow").says(t, "put aside", "Rimandata")
	if bad := who.post(at+"/snooze", "until", "date", "date", "yesterday"); bad.status != http.StatusUnprocessableEntity || !strings.Contains(bad.body, "Scegli un momento nel futuro") {
		t.Errorf("no moment: %d %s", bad.status, cut(bad.body))
	}
	who.post(at+"/label", "label", "Piatti").says(t, "a label", "Piatti")
	for _, path := range []string{"/draft", "/writing", "/look"} {
		if got := who.post(at+path, "text", "quasi finita"); got.status != http.StatusNoContent {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	who.get(at).says(t, "the draft", ">quasi finita</textarea>")
	other := h.as(team.Community)
	other.get(at+"/others").says(t, "who writes", "Olga sta scrivendo qui")
	if n := who.get("/inbox/waiting"); !strings.Contains(n.body, `id="waiting"`) {
		t.Errorf("the number: %s", n.body)
	}
}

func TestFilesStayThroughAnError(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	at := h.mention("ada", "@ceramichearno mi mandate una foto?")
	who := h.as(team.Owner)
	var picture bytes.Buffer
	h.ok(png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	send := func(alt string) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		h.ok(form.WriteField("text", "Eccola"))
		h.ok(form.WriteField("file-alt", alt))
		part, err := form.CreateFormFile("file", "tazza.png")
		h.ok(err)
		_, err = part.Write(picture.Bytes())
		h.ok(err)
		h.ok(form.Close())
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, who.server.URL+at+"/reply", &body)
		h.ok(err)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		res, err := who.client.Do(r)
		h.ok(err)
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		h.ok(err)
		return answer{status: res.StatusCode, body: string(text), to: res.Header.Get("Location"), header: res.Header}
	}
	got := send("")
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("no description: %d", got.status)
	}
	got.says(t, "no description", "Un’immagine non ha la descrizione.", "Eccola")
	kept := regexp.MustCompile(`name="file-kept" value="(med_[a-z0-9]+)"`).FindStringSubmatch(got.body)
	if kept == nil {
		t.Fatalf("the file is lost: %s", cut(got.body))
	}
	who.post(at+"/reply", "text", "Eccola", "file-kept", kept[1], "file-kept-alt", "Una tazza blu").is(t, "with a description", http.StatusSeeOther, at)
	for _, d := range h.thread(at).Deliveries {
		want := []delivery.Attachment{{MediaID: kept[1], Alt: "Una tazza blu"}}
		a, _ := json.Marshal(d.Message.Media)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("it goes out with %s, want %s", a, b)
		}
	}
}

func TestEditsAndDeletionsAreTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	at := h.mention("ada", "@ceramichearno prima versione")
	ada := h.Stranger("ada")
	id := h.thread(at).Interactions[0].RemoteID
	h.Clock.Advance(time.Minute)
	h.ok(ada.Edit(context.Background(), id, "@ceramichearno seconda versione"))
	h.Refresh(id)
	who := h.as(team.Owner)
	who.get(at).says(t, "an edit", "Modificato", "seconda versione", "Che cosa diceva prima", "prima versione")
	h.Clock.Advance(time.Minute)
	h.ok(ada.Delete(context.Background(), id))
	h.Refresh(id)
	got := who.get(at)
	got.says(t, "a deletion", "ha cancellato questo messaggio", "non c’è più niente a cui rispondere")
	got.hides(t, "a deletion", "seconda versione</p>", `id="reply"`)
}

func TestTwoAccountsOfOnePerson(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		first := "/people/" + string(h.thread(h.mention("ada", "@ceramichearno ciao")).Person())
		h.Clock.Advance(time.Second)
		second := h.thread(h.mention("adabella", "@ceramichearno ciao di nuovo")).Person()
		who := h.as(team.Owner)
		who.get(first+"?same=adab").says(t, "searching", "adabella", string(second))
		joined := who.post(first+"/merge", "gone", string(second))
		joined.is(t, "joining", http.StatusSeeOther, first)
		page := who.get(first)
		page.says(t, "joined", "Ora sono una persona sola.", "@adabella", "ciao di nuovo", "Dividi")
		if got := who.post(first+"/merge", "gone", strings.TrimPrefix(first, "/people/")); got.status != http.StatusUnprocessableEntity {
			t.Errorf("with oneself: %d", got.status)
		}
		undo := regexp.MustCompile(`merge=(mrg_[a-z0-9]+)`).FindStringSubmatch(page.body)
		if undo == nil {
			t.Fatal("nothing undoes it")
		}
		who.post(first+"/part", "merge", undo[1]).is(t, "parting", http.StatusSeeOther, first)
		who.get(first).hides(t, "parted", "@adabella")
	})
}

func TestTheWeekIsCountedHonestly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	who := h.as(team.Owner)
	who.get("/").says(t, "an empty week", "Da lunedì non ha scritto nessuno.", "Nessuno aspetta.")
	for _, name := range []string{"ada", "bea", "carla", "dina"} {
		h.mention(name, "@ceramichearno ciao")
	}
	h.Clock.Advance(time.Hour)
	l, err := h.Inbox.List(t.Context(), h.Actor(team.Owner), inbox.Filter{})
	h.ok(err)
	for i, c := range l.Conversations[:3] {
		_, err := h.Inbox.Reply(t.Context(), h.Actor(team.Owner), inbox.ReplyIn{Conversation: c.ID, Text: "Ciao"})
		h.ok(err)
		for _, d := range h.thread("/inbox/" + string(c.ID)).Deliveries {
			h.Deliver(d.ID, time.Minute)
		}
		h.Read()
		if i == 0 {
			who.get("/").says(t, "one answer", "su 4", "è presto per dire")
		}
		h.Clock.Advance(time.Hour)
	}

	who.get("/").says(t, "three answers", "su 4", "Prima risposta", "2 h", "Su 3 risposte")
}
