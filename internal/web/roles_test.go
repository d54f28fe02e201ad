package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// held is a case with one of everything in it, in somebody's charge.
type held struct{ open, task, voice, changed, entry, letter, promise string }

// hold makes one: a case that is open, one that was changed, and a promise.
func (h *house) hold(owner team.Role, name string) (out held) {
	h.door.t.Helper()
	ctx, by := h.door.t.Context(), h.Actor(team.Owner)
	out.open = h.openCase(owner, "@ceramichearno la tazza di "+name+" è scheggiata", "@ceramichearno anche il vaso di "+name+" è una cosa scheggiata")
	id := growth.CaseID(strings.TrimPrefix(out.open, "/cases/"))
	task, err := h.Growth.AddTask(ctx, by, id, "guardare", "")
	h.ok(err)
	out.task = out.open + "/tasks/" + string(task.ID)
	out.voice = out.open + "/voices/" + string(h.file(out.open).Voices[0].ID)
	out.changed = h.openCase(owner, "@ceramichearno la ciotola di "+name+" arriva sempre scheggiata")
	h.ok(h.Growth.Advance(ctx, by, growth.CaseID(strings.TrimPrefix(out.changed, "/cases/")), growth.AdvanceIn{To: growth.CaseChanged, Did: growth.Words{IT: "Un separatore."}}))
	f := h.file(out.changed)
	out.entry, out.letter = out.changed+"/entry/"+string(f.Improvement.ID), out.changed+"/letters/"+string(f.Letters[0].ID)
	const words = "Te la cambiamo entro venerdì."
	r, err := h.Growth.Answer(ctx, by, growth.AnswerIn{
		ReplyIn:  inbox.ReplyIn{Conversation: f.Voices[0].Conversation, Text: words, Anyway: true},
		Promises: []growth.PromiseIn{{Text: words, Owner: h.Members[owner].ID, DueAt: h.Clock.Now().AddDate(0, 0, 4)}},
	})
	h.ok(err)
	h.Deliver(delivery.ID(r.Delivery), time.Minute)
	page, err := h.Growth.Promises(ctx, by, growth.PromiseFilter{Owner: h.Members[owner].ID})
	h.ok(err)
	out.promise = "/promises/" + string(page.Promises[0].ID)
	return out
}

// drops adds a task or evidence to a case and gives the address at which it is taken away again.
func (h *house) drops(what string) func(held) string {
	return func(x held) string {
		h.door.t.Helper()
		ctx, by, id := h.door.t.Context(), h.Actor(team.Owner), growth.CaseID(strings.TrimPrefix(x.open, "/cases/"))
		if what == "tasks" {
			t, err := h.Growth.AddTask(ctx, by, id, "togliere", "")
			h.ok(err)
			return x.open + "/tasks/" + string(t.ID) + "/drop"
		}
		e, err := h.Growth.AddEvidence(ctx, by, id, growth.Evidence{Kind: growth.EvidenceText, Text: "una prova"})
		h.ok(err)
		return x.open + "/evidence/" + string(e.ID) + "/drop"
	}
}

// Every address of the desk that changes something about criticism, cases, promises, entries, letters and the record is tried by every role: with
// what is somebody else's, and where it is a matter of that with what is the member's own. A new one that is not in the table fails.
func TestEveryChangeByEveryRole(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		other, mine := h.hold(team.Editor, "altri"), h.hold(team.Contributor, "suoi")
		talk := h.mention("forse", maybe)
		h.ok(h.Growth.PrepareHeads(t.Context()))
		heads, err := h.Growth.HeadPosts(t.Context(), h.Actor(team.Owner))
		h.ok(err)
		if len(heads) == 0 {
			t.Fatal("no head was prepared")
		}
		head := "/cases/page/heads/" + heads[0].ID
		words := []string{"title_it", "Il separatore", "stone_it", "scatole", "said_it", "Scheggiata.", "did_it", "Un separatore."}
		// needs is the permission; own: who is in charge of it may, whatever their role.
		type change struct {
			pattern string
			path    func(held) string
			form    []string
			needs   team.Permission
			own     bool
		}
		at := func(path string) func(held) string { return func(held) string { return path } }
		changes := []change{
			{"/cases", at("/cases"), nil, team.GrowthManage, false},
			{"/cases/doubts", at("/cases/doubts"), nil, team.GrowthManage, false},
			{"/cases/{id}", func(x held) string { return x.open }, []string{"title", "", "cause", "x"}, team.GrowthManage, true},
			{"/cases/{id}/owner", func(x held) string { return x.open + "/owner" }, []string{"owner", "mbr_x"}, team.GrowthManage, false},
			{"/cases/{id}/advance", func(x held) string { return x.open + "/advance" }, nil, team.GrowthManage, true},
			{"/cases/{id}/decline", func(x held) string { return x.open + "/decline" }, nil, team.GrowthPublish, false},
			{"/cases/{id}/reopen", func(x held) string { return x.open + "/reopen" }, nil, team.GrowthManage, false},
			{"/cases/{id}/join", func(x held) string { return x.open + "/join" }, nil, team.GrowthManage, false},
			{"/cases/{id}/voices/{voice}/quote", func(x held) string { return x.voice + "/quote" }, []string{"part", "mai scritto"}, team.GrowthManage, false},
			{"/cases/{id}/voices/{voice}/part", func(x held) string { return x.voice + "/part" }, nil, team.GrowthManage, false},
			{"/cases/{id}/tasks", func(x held) string { return x.open + "/tasks" }, nil, team.GrowthManage, true},
			{"/cases/{id}/tasks/{task}/done", func(x held) string { return x.task + "/done" }, []string{"done", "1"}, team.GrowthManage, true},
			{"/cases/{id}/tasks/{task}/drop", h.drops("tasks"), nil, team.GrowthManage, true},
			{"/cases/{id}/evidence", func(x held) string { return x.open + "/evidence" }, nil, team.GrowthManage, true},
			{"/cases/{id}/evidence/{evidence}/drop", h.drops("evidence"), nil, team.GrowthManage, true},
			{"/cases/{id}/entry/{entry}/change", func(x held) string { return x.entry + "/change" }, words, team.GrowthManage, true},
			{"/cases/{id}/entry/{entry}/ask", func(x held) string { return x.entry + "/ask" }, nil, team.GrowthManage, true},
			{"/cases/{id}/entry/{entry}/return", func(x held) string { return x.entry + "/return" }, []string{"reason", "No."}, "owner", false},
			{"/cases/{id}/entry/{entry}/approve", func(x held) string { return x.entry + "/approve" }, nil, "owner", false},
			{"/cases/{id}/entry/{entry}/publish", func(x held) string { return x.entry + "/publish" }, nil, team.GrowthPublish, false},
			{"/cases/{id}/entry/{entry}/line", func(x held) string { return x.entry + "/line" }, nil, team.GrowthPublish, false},
			{"/cases/{id}/letters/{letter}", func(x held) string { return x.letter }, []string{"do", "change", "text", "x"}, team.InboxReply, false},
			{"/cases/page", at("/cases/page"), nil, team.CompanyChange, false},
			{"/cases/page/heads/{head}/send", at(head + "/send"), nil, team.GrowthPublish, false},
			{"/cases/page/heads/{head}/skip", at(head + "/skip"), nil, team.GrowthPublish, false},
			{"/promises/{id}/hand", func(x held) string { return x.promise + "/hand" }, []string{"to", "mbr_x"}, team.GrowthManage, false},
			{"/promises/{id}/keep", func(x held) string { return x.promise + "/keep" }, nil, team.GrowthManage, true},
			{"/promises/{id}/break", func(x held) string { return x.promise + "/break" }, nil, team.GrowthManage, true},
			{"/inbox/picked", at("/inbox/picked"), []string{"from", string(talkID(talk)), "do", "case"}, team.GrowthManage, false},
			{"/inbox/picked", at("/inbox/picked"), []string{"from", string(talkID(talk)), "do", "done"}, team.InboxOrganise, false},
			{"/inbox/{id}/verdict", at(talk + "/verdict"), nil, team.GrowthManage, false},
			{"/settings/triage/words", at("/settings/triage/words"), nil, team.CompanyChange, false},
			{"/settings/triage/undo", at("/settings/triage/undo"), nil, team.CompanyChange, false},
			{"/settings/triage/second", at("/settings/triage/second"), nil, team.CompanyChange, false},
		}
		known := map[string]bool{}
		for _, c := range changes {
			known[c.pattern] = true
		}
		for _, route := range h.web.Routes() {
			method, path, _ := strings.Cut(route, " ")
			if method != http.MethodPost {
				continue
			}
			for _, room := range []string{"/cases", "/promises", "/settings/triage", "/inbox/picked", "/inbox/{id}/verdict"} {
				if (path == room || strings.HasPrefix(path, room+"/")) && !known[path] {
					t.Errorf("nobody tries POST %s", path)
				}
			}
		}
		stranger := h.browser("it")
		roles := slices.Clone(team.Roles)
		slices.Reverse(roles) // who may least goes first: what others change is then still as it was
		for _, role := range roles {
			who := h.as(role)
			for _, c := range changes {
				may := role.Can(c.needs) || c.needs == "owner" && role == team.Owner
				try := func(what string, path string, may bool) {
					t.Helper()
					got := who.post(path, c.form...)
					refused := got.status == http.StatusForbidden || got.status == http.StatusNotFound
					if refused == may || got.status >= 500 {
						t.Errorf("POST %s by %s with %s: %d, may %v\n%s", c.pattern, role, what, got.status, may, cut(got.body))
					}
				}
				try("another's", c.path(other), may)
				if role == team.Contributor {
					try("their own", c.path(mine), may || c.own)
				}
				if role == team.Guest {
					if got := stranger.post(c.path(other), c.form...); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/sign-in") {
						t.Errorf("POST %s by a stranger: %d to %q", c.pattern, got.status, got.to)
					}
				}
			}
		}
	})
}

// Several conversations are ticked in the list: one case is opened from all of them, or all are done.
func TestSeveralConversationsInHand(t *testing.T) {
	t.Parallel()
	eachHouse(t, judged, func(t *testing.T, h *house) {
		first, second, third := h.mention("elena", chipped), h.mention("marco", "@ceramichearno quando aprite?"), h.mention("luca", "@ceramichearno avete una ciotola verde?")
		who := h.as(team.Community)
		list := who.get("/inbox?view=all")
		list.says(t, "the list", `name="from" value="`+string(talkID(first))+`"`, `form="picked"`, `id="picked"`, "Un caso solo", "Segna fatte", `aria-label="Conversazioni scelte"`)
		got := who.post("/inbox/picked", "from", string(talkID(first)), "from", string(talkID(second)), "from", string(talkID(first)), "do", "case", "back", "/inbox?view=all")
		if got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/cases/new?") {
			t.Fatalf("%d to %q", got.status, got.to)
		}
		page := who.get(got.to)
		page.says(t, "the case", "la tazza blu è arrivata", "quando aprite?", `href="/inbox?view=all"`)
		// Of each the last word is meant where nothing was taken for criticism.
		if n := strings.Count(page.body, `name="i" value="int_`); n < 2 || strings.Count(page.body, " checked") < 2 {
			t.Errorf("%d are offered:\n%s", n, cut(page.body))
		}
		page.hides(t, "the case", "ciotola verde")
		who.post("/inbox/picked", "from", string(talkID(second)), "from", string(talkID(third)), "from", "cnv_x", "do", "done", "back", "https://evil.example/").is(t, "done", http.StatusSeeOther, "/")
		who.get("/inbox").says(t, "what is said", "Fatte: 2 su 3.")
		for path, want := range map[string]inbox.State{first: inbox.Open, second: inbox.Done, third: inbox.Done} {
			if s := h.thread(path).Conversation.State; s != want {
				t.Errorf("%s is %s, want %s", path, s, want)
			}
		}
		for what, form := range map[string][]string{"nothing": {"do", "done"}, "no verb": {"from", string(talkID(first))}} {
			if got := who.post("/inbox/picked", form...); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", what, got.status)
			}
		}
		// Who may only look ticks nothing; who may organise opens no case.
		h.as(team.Guest).get("/inbox?view=all").hides(t, "a guest", `name="from"`, `id="picked"`)
		h.as(team.Marketing).get("/inbox?view=all").hides(t, "marketing", "Un caso solo")
	})
}
