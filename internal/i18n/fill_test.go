package i18n

import "testing"

func TestFill(t *testing.T) {
	t.Parallel()
	some := map[string]any{"a": "A", "n": 3, "zero": 0, "no": false, "yes": true, "none": "", "list": []string{"x"}}
	for sentence, want := range map[string]string{
		"plain":                          "plain",
		"{{.a}} and {{ .n }}!":           "A and 3!",
		"{{.lost}}":                      "<no value>",
		"a {{if .yes}}b{{end}}":          "a b",
		"{{if .none}}b{{end}}":           "",
		"{{if .lost}}b{{else}}c{{end}}d": "cd",
		"{{if .zero}}1{{else if .a}}{{.a}}{{else}}3{{end}}":                       "A",
		"{{if .yes}}1{{else if .a}}2{{else}}3{{end}}":                             "1",
		"{{if .no}}1{{else if .none}}2{{else}}3{{end}}":                           "3",
		"{{if .no}}{{if .a}}x{{else}}y{{end}}{{else}}{{if .list}}z{{end}}{{end}}": "z",
	} {
		if got, err := fill(sentence, some); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", sentence, got, err, want)
		}
	}
	for _, broken := range []string{"{{.a", "{{a}}", "{{}}", "{{.a.b}}", "{{.a | len}}", "{{if .a}}", "{{if a}}{{end}}", "{{end}}", "{{else}}", "{{if .a}}{{else}}{{else}}{{end}}", "{{range .a}}{{end}}"} {
		if got, err := fill(broken, some); err == nil {
			t.Errorf("%q is taken: %q", broken, got)
		}
	}
}
