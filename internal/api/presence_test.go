package api_test

import "testing"

// tryPresence calls what there is about the company's own voice: before any portrait, and with one.
func tryPresence(t *testing.T, b *bench, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	if p := send("get-presence", "", 200); p["few"] != true || p["at"] != nil {
		t.Errorf("before any portrait: %v", p)
	}
	send("get-presence", "", 422, "?weeks=7")
	send("refresh-presence", "", 202)
	if p := send("get-presence", "", 200); p["asked_at"] == nil {
		t.Errorf("nobody says that one was asked for: %v", p)
	}
	b.must(b.Presence.Draw(t.Context(), b.Company.ID))
	p := send("get-presence", "", 200, "?weeks=0")
	if p["at"] == nil || p["asked_at"] != nil {
		t.Errorf("portrait %v", p)
	}
	if p["few"] == false && (len(p["lines"].([]any)) != 3 || len(p["figures"].([]any)) < 20) {
		t.Errorf("portrait %v", p)
	}
}
