package api_test

import (
	"testing"
)

// tryTies calls what there is about the ties: first without a portrait, then with one of too few people.
func tryTies(t *testing.T, b *bench, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	if p := send("get-ties", "", 200); p["few"] != true || p["at"] != nil {
		t.Errorf("before any portrait: %v", p)
	}
	vars["advice"] = "rsg_01kjpwd6m01e86jx24xtefrjkt"
	send("put-advice-aside", "", 404)
	send("take-advice-up", "", 404)
	send("refresh-ties", "", 202)
	b.must(b.Reach.Draw(t.Context(), b.Company.ID))
	p := send("get-ties", "", 200, "?days=30")
	if p["few"] != true || p["asked_at"] != nil {
		t.Errorf("portrait %v", p)
	}
	for _, id := range []string{"list-circles", "list-ties-advice"} {
		if l := send(id, "", 200)["items"].([]any); len(l) != 0 {
			t.Errorf("%s: %v", id, l)
		}
	}
	if l := send("test-ties", "", 200)["windows"].([]any); len(l) != 0 {
		t.Errorf("windows %v", l)
	}
	lift := send("test-ties", "", 200)["lift"].(map[string]any)
	if lift["few"] != true || lift["low"] != nil || lift["hold"] != 20.0 {
		t.Errorf("lift %v", lift)
	}
	send("get-person-tie", "", 404)
	if s := send("get-ties-settings", "", 200); s["collect"] != true || s["hold"] != 20.0 {
		t.Errorf("settings %v", s)
	}
	send("change-ties-settings", `{"collect":false,"hold":51}`, 422)
	send("change-ties-settings", `{"collect":false,"hold":35}`, 204)
	if s := send("get-ties-settings", "", 200); s["collect"] != false || s["hold"] != 35.0 || s["follows"] != 0.0 {
		t.Errorf("settings %v", s)
	}
	if p := send("get-ties", "", 200); p["asked_at"] == nil {
		t.Errorf("what was learned from lists is forgotten, and no portrait is drawn without: %v", p)
	}
}
