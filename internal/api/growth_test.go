package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/team"
)

// tryGrowth takes a criticism all the way through the operations: judged, decided, opened, changed, published, told, erased.
func tryGrowth(t *testing.T, b *bench, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any, want func(got any, what string)) {
	t.Helper()
	items := func(m map[string]any) []any { return m["items"].([]any) }
	first := func(m map[string]any) map[string]any { return items(m)[0].(map[string]any) }
	send("change-company", `{"approval":"none"}`, 200)
	vars["conversation"] = b.talk("carla@example.org", "La tazza è arrivata scheggiata sul bordo, che delusione.")
	thread := send("get-conversation", "", 200)
	said := thread["interactions"].([]any)[0].(map[string]any)
	vars["interaction"] = said["id"].(string)
	judged := said["verdict"].(map[string]any)
	want(judged["criticism"], "yes")
	if len(judged["evidence"].([]any)) == 0 || len(judged["themes"].([]any)) == 0 {
		t.Errorf("judged %v", judged)
	}
	send("correct-verdict", `{"themes":["quality"],"urgency":1}`, 204)
	send("list-undecided", "", 200)
	want(send("decide-criticism", `{"criticism":true,"theme":"quality"}`, 200)["state"], "counted")
	send("list-same", "", 200)
	send("set-own-words", `{"words":["Lungarno"]}`, 204)
	if ws := send("list-own-words", "", 200)["words"].([]any); len(ws) != 1 {
		t.Errorf("own words %v", ws)
	}
	send("list-triage-models", "", 200)
	send("undo-triage-model", "", 409)

	opened := send("open-case", `{"title":"Tazze scheggiate","interactions":["`+vars["interaction"]+`"],"owner":"<owner>"}`, 201)
	vars["case"] = opened["id"].(string)
	want(opened["state"], "heard")
	if page := send("list-cases", "", 200, "?state=heard"); len(items(page)) != 1 || page["counts"].(map[string]any)["heard"] != 1.0 {
		t.Errorf("cases %v", page)
	}
	send("change-case", `{"title":"Tazze scheggiate sul bordo","theme":"quality","owner":"<owner>"}`, 204)
	vars["task"] = send("add-task", `{"text":"Aprire tre scatole"}`, 201)["id"].(string)
	send("finish-task", "", 204)
	send("reopen-task", "", 204)
	send("drop-task", "", 204)
	vars["evidence"] = send("add-evidence", `{"kind":"figure","text":"Segnalazioni","value":"6","out_of":"214 tazze"}`, 201)["id"].(string)
	send("drop-evidence", "", 204)
	tryPicture(t, b, vars, send)
	one := vars["conversation"]
	vars["conversation"] = b.talk("dario@example.org", "Anche la mia tazza è arrivata scheggiata sul bordo, che delusione.")
	other := send("get-conversation", "", 200)["interactions"].([]any)[0].(map[string]any)["id"].(string)
	send("join-case", `{"interactions":["`+other+`"]}`, 204)
	file := send("get-case", "", 200)
	voices := file["voices"].([]any)
	if len(voices) != 2 || len(file["diary"].([]any)) < 3 {
		t.Fatalf("file %v", file)
	}
	vars["criticism"] = voices[1].(map[string]any)["criticism"].(map[string]any)["id"].(string)
	send("quote-criticism", `{"named":false,"part":"scheggiata sul bordo"}`, 204)
	send("part-criticism", "", 204)

	// A promise is asked about, and kept.
	vars["conversation"] = one
	const promise = "Ti mandiamo una tazza nuova entro venerdì."
	asked := send("reply", `{"text":"`+promise+`"}`, 409)
	want(asked["code"], growth.ErrAsked.Key)
	if len(asked["promises"].([]any)) != 1 {
		t.Errorf("asked %v", asked)
	}
	noticed := first(send("notice-promises", `{"text":"`+promise+`"}`, 200))
	kept := send("reply", `{"text":"`+promise+`","promises":[{"text":"`+noticed["text"].(string)+`","due_at":"`+b.Clock.Now().AddDate(0, 0, 3).Format(time.RFC3339)+`"}]}`, 201)
	b.Deliver(delivery.ID(kept["delivery"].(map[string]any)["id"].(string)), time.Minute)
	list := send("list-promises", "", 200)
	vars["promise"] = first(list)["id"].(string)
	send("hand-promise", `{"to":"<heir>"}`, 204)
	send("keep-promise", `{"note":"Spedita"}`, 204)
	send("break-promise", `{}`, 409)

	send("advance-case", `{"to":"understood","cause":"Le tazze si toccano."}`, 204)
	send("advance-case", `{"to":"changing","plan":"Un separatore."}`, 204)
	send("decline-case", `{"reason":{"it":"Non si può."}}`, 204)
	send("reopen-case", "", 204)
	send("advance-case", `{"to":"changing","cause":"Le tazze si toccano.","plan":"Un separatore."}`, 204)
	send("advance-case", `{"to":"changed","did":{"it":"Un separatore in ogni scatola.","en":"A divider in every box."}}`, 204)
	file = send("get-case", "", 200)
	vars["improvement"] = file["improvement"].(map[string]any)["id"].(string)
	send("change-improvement", `{"title":{"it":"Il separatore"},"stone":{"it":"scatole"},"said":{"it":"Arrivano scheggiate."},"did":{"it":"Un separatore."}}`, 204)
	send("ask-improvement", "", 204)
	if l := items(send("list-to-approve", "", 200)); len(l) != 1 {
		t.Errorf("to approve %v", l)
	}
	send("return-improvement", `{"reason":"Dillo meglio"}`, 204)
	send("ask-improvement", "", 204)
	send("approve-improvement", "", 204)
	send("publish-improvement", "", 204)
	send("add-line", `{"text":{"it":"Anche nelle scatole da quattro."}}`, 204)
	letters := send("get-case", "", 200)["letters"].([]any)
	if len(letters) != 1 {
		t.Fatalf("letters %v", letters)
	}
	l := letters[0].(map[string]any)
	vars["letter"] = l["id"].(string)
	want(map[bool]string{true: "public"}[l["public"] == true], "public")
	written := strings.ReplaceAll(strings.ReplaceAll(l["text"].(string), "\n", " "), `"`, "")
	send("change-letter", `{"text":"Ti mandiamo la tazza entro venerdì. `+written+`"}`, 204)
	asked = send("send-letter", "", 409)
	want(asked["code"], growth.ErrAsked.Key)
	if ps := asked["promises"].([]any); len(ps) != 1 || ps[0].(map[string]any)["text"] != "Ti mandiamo la tazza entro venerdì" {
		t.Errorf("asked %v", asked)
	}
	send("change-letter", `{"text":"Fatto. `+written+`"}`, 204)
	send("send-letter", "", 204)
	send("skip-letter", "", 409)

	settings := send("get-growth-settings", "", 200)
	if settings["open"] != false {
		t.Errorf("settings %v", settings)
	}
	send("change-growth-settings", `{"open":true,"title":{"it":"Ce l'avete detto"},"lede":{},"promise":{},"approvers":["owner"],"decide_in":7,"embed":[]}`, 204)
	b.must(b.Growth.PrepareHeads(b.t.Context()))
	posts := items(send("list-head-posts", "", 200))
	if len(posts) > 0 {
		vars["post"] = posts[0].(map[string]any)["id"].(string)
		send("send-head-post", `{"channels":["`+string(b.Channel.ID)+`"]}`, 204)
		send("skip-head-post", "", 409)
	} else {
		t.Error("no post of the head was prepared")
	}
	tryErasing(t, b, vars, send, want)
}

// tryPicture adds a picture as evidence and reads it back.
func tryPicture(t *testing.T, b *bench, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	send("add-picture", `{}`, 415)
	manage := b.token(team.Owner, team.GrowthManage)
	at := "/api/v1/cases/" + vars["case"] + "/pictures"
	if g := b.upload(manage, at, "cup.png", picture(t), " ", ""); g.status != 422 || g.problem(t).Fields[0].Name != "alt" {
		t.Errorf("a picture that nobody describes: %d %s", g.status, g.body)
	}
	e := into[api.Evidence](t, b.upload(manage, at, "cup.png", picture(t), "La tazza, di lato", ""), 201)
	if e.Kind != "picture" || e.Text != "La tazza, di lato" || e.Media == "" {
		t.Errorf("%+v", e)
	}
	other := vars["media"]
	vars["media"] = e.Media
	send("get-picture", "", 200)
	if g := b.ask(b.token(team.Owner, team.GrowthRead), "GET", at+"/"+other, ""); g.status != 404 {
		t.Errorf("a file that is no evidence of this case: %d", g.status)
	}
}

func tryErasing(t *testing.T, b *bench, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any, want func(got any, what string)) {
	t.Helper()
	if send("get-retention", "", 200)["months"] != 24.0 {
		t.Error("people are not forgotten after two years")
	}
	send("set-retention", `{"months":36}`, 204)
	p := send("list-people", "", 200, "?q=dario")["items"].([]any)[0].(map[string]any)
	vars["person"] = p["id"].(string)
	send("export-person", "", 200)
	send("erase-person", `{"name":"somebody else"}`, 422)
	done := send("erase-person", `{"name":"`+p["name"].(string)+`","reference":"mail of today"}`, 200)
	want(done["state"], "done")
	vars["number"] = itoa(int(done["number"].(float64)))
	want(send("get-erasure", "", 200)["reference"], "mail of today")
	if l := send("list-erasures", "", 200)["items"].([]any); len(l) != 1 {
		t.Errorf("certificates %v", l)
	}
	send("allow-erased", "", 204)
	if b.ask(b.token(team.Owner, team.PeopleRead), "GET", "/api/v1/people/"+vars["person"], "").status != 404 {
		t.Error("the person is still there")
	}
}
