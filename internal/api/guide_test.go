package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var shell = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The examples of the guide work as they stand there.
func TestGuide(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	guide, err := os.ReadFile("../../docs/api.md")
	b.must(err)
	values := map[string]string{
		"PONTE": "http://ponte.test", "TOKEN": b.token(team.Owner), "CONVERSATION": b.talk("ada@example.org", "Do you ship to Austria?"),
		"MEMBER": string(b.Members[team.Community].ID),
	}
	ran := 0
	for _, block := range shell.FindAllStringSubmatch(string(guide), -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			ran++
			g := b.curl(words(t, line, values))
			if g.status < 200 || g.status > 299 {
				t.Errorf("%s: %d %s", line, g.status, g.body)
			}
		}
	}
	if ran < 10 {
		t.Errorf("%d examples", ran)
	}
	for p := range team.Permissions {
		if s := "`" + string(team.Permissions[p]) + "`"; team.Permissions[p] != team.PeopleErase && !strings.Contains(string(guide), s) {
			t.Errorf("the guide does not tell of %s", s)
		}
	}
}

// words splits a line as a shell does: quotes, and names of values.
func words(t *testing.T, line string, values map[string]string) (out []string) {
	t.Helper()
	line = strings.TrimSpace(line)
	for len(line) > 0 {
		var word strings.Builder
		for len(line) > 0 && line[0] != ' ' {
			switch line[0] {
			case '\'':
				text, rest, ok := strings.Cut(line[1:], "'")
				if !ok {
					t.Fatalf("an open quote in %s", line)
				}
				word.WriteString(text)
				line = rest
			case '"':
				text, rest, ok := strings.Cut(line[1:], `"`)
				if !ok {
					t.Fatalf("an open quote in %s", line)
				}
				word.WriteString(os.Expand(text, func(k string) string { return values[k] }))
				line = rest
			default:
				n := strings.IndexAny(line, ` '"`)
				if n < 0 {
					n = len(line)
				}
				word.WriteString(os.Expand(line[:n], func(k string) string { return values[k] }))
				line = line[n:]
			}
		}
		out = append(out, word.String())
		line = strings.TrimLeft(line, " ")
	}
	return out
}

// curl does what curl does with the options that the guide uses.
func (b *bench) curl(args []string) got {
	b.t.Helper()
	if args[0] != "curl" {
		b.t.Fatalf("not curl: %v", args)
	}
	method, target := "GET", ""
	var headers []string
	var body bytes.Buffer
	var form *multipart.Writer
	for i := 1; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			target = args[i]
			continue
		}
		value := args[i+1]
		switch args[i] {
		case "-X":
			method = value
		case "-H":
			headers = append(headers, value)
		case "-d":
			body.WriteString(value)
		case "-F":
			if form == nil {
				form = multipart.NewWriter(&body)
			}
			name, text, _ := strings.Cut(value, "=")
			if file, ok := strings.CutPrefix(text, "@"); ok {
				part, err := form.CreateFormFile(name, file)
				b.must(err)
				_, err = part.Write(picture(b.t))
				b.must(err)
			} else {
				b.must(form.WriteField(name, text))
			}
		default:
			b.t.Fatalf("%s is not known here", args[i])
		}
		i++
	}
	if form != nil {
		b.must(form.Close())
	}
	r := httptest.NewRequestWithContext(b.t.Context(), method, target, &body)
	if form != nil {
		r.Header.Set("Content-Type", form.FormDataContentType())
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	b.api.ServeHTTP(rec, r)
	return got{rec.Code, rec.Header(), rec.Body.String()}
}
