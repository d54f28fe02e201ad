package public_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestTheRecordIsServedAsFiles(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	type file struct{ path, kind, cache string }
	for _, c := range []file{
		{"/record/checkpoint", "text/plain; charset=utf-8", "public, no-cache"},
		{"/record/key", "text/plain; charset=utf-8", "public, no-cache"},
		{"/record/figures.json", "application/json", "public, no-cache"},
		{"/record/tile/0/000.p/70", "application/octet-stream", "public, max-age=300"},
		{"/record/tile/0/000.p/5", "application/octet-stream", "public, max-age=300"},
		{"/record/tile/entries/000.p/70", "application/octet-stream", "public, max-age=300"},
	} {
		got := d.get(c.path).is(t, c.path, http.StatusOK)
		h := got.header
		if diff := cmp.Diff(c, file{c.path, h.Get("Content-Type"), h.Get("Cache-Control")}, cmp.AllowUnexported(file{})); diff != "" {
			t.Error(diff)
		}
		if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s is not for everybody", c.path)
		}
	}
	for _, path := range []string{
		"/record/tile/0/000", "/record/tile/0/000.p/71", "/record/tile/0/000.p/0", "/record/tile/0/000.p/256", "/record/tile/0/0", "/record/tile/0/001", "/record/tile/64/000",
		"/record/tile/entries/001", "/record/tile/../key", "/record/tile/0/x000/000", "/record/tile/", "/record/tile/entries/000.p/070", "/record/nothing", "/record/tile/0/%30%30%30/",
	} {
		if got := d.get(path); got.status == http.StatusOK {
			t.Errorf("%s is there", path)
		}
	}
	key := strings.TrimSpace(d.get("/record/key").body)
	head, err := merkle.Open([]byte(d.get("/record/checkpoint").body), key)
	if err != nil || head != f.log.head {
		t.Errorf("the checkpoint is %v, %v", head, err)
	}
	doc, err := record.ParseFigures([]byte(d.get("/record/figures.json").body))
	if err != nil || doc.Head != head || doc.Origin != verifier || doc.Figures.Heard != 61 {
		t.Errorf("the figures are %+v, %v", doc, err)
	}
	leaves, err := merkle.ParseBundle([]byte(d.get("/record/tile/entries/000.p/70").body), 70)
	if err != nil || string(leaves[37]) != string(f.log.leaves[37]) {
		t.Errorf("the leaves: %v", err)
	}

	// Four hundred leaves have a full tile, which never changes.
	var many [][]byte
	for n := range 400 {
		many = append(many, f.log.leaves[n%70])
	}
	f.log = newLog(t, many)
	f.version++
	for _, path := range []string{"/record/tile/0/000", "/record/tile/entries/000"} {
		if got := d.get(path).is(t, path, http.StatusOK); got.header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %q", path, got.header.Get("Cache-Control"))
		}
	}
	d.get("/record/tile/1/000.p/1").is(t, "the level above", http.StatusOK)
}

func TestARecordWithoutLeaves(t *testing.T) {
	t.Parallel()
	d, _, _ := made(t, func(_ testing.TB, c team.Company) *told { return fresh(c) })
	d.get("/record/?lang=it").is(t, "the page", http.StatusOK).says(t, "the page", "Ancora nessuna voce")
	for _, path := range []string{"/record/checkpoint", "/record/key", "/record/figures.json", "/record/tile/0/000.p/1"} {
		d.get(path).is(t, path, http.StatusNotFound)
	}
	d.get("/record/find?lang=it&address=https://x.example/1").is(t, "looking", http.StatusNotFound).says(t, "looking", "Nel registro non c’è niente")
}

var (
	shown1   = regexp.MustCompile(`(?s)<figure class="value"><figcaption class="note">([^<]*)</figcaption><pre[^>]*><code>(.*?)</code></pre></figure>`)
	siblings = regexp.MustCompile(`<li><span class="note">([^<]*)</span> ?<code>([0-9a-f]{64})</code></li>`)
)

// What the page tells a person to do by hand gives what it says: the commands are run, the way is walked.
func TestTheProofCanBeCheckedByHand(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	for _, n := range []int{0, 1, 37, 63, 64, 68, 69} {
		address := "https://social.example/@elena/" + strconv.Itoa(n)
		got := d.get("/record/find?lang=en&address="+url.QueryEscape("HTTP://Social.example:80/@elena/"+strconv.Itoa(n)+"/?utm_source=x#top")).is(t, address, http.StatusOK).says(t, address,
			"It is in the record.", "Recorded on 3 March 2026", "Answered on 4 March 2026", "It led to a change", `href="/growth/8"`)
		var commands, values []string
		for _, m := range shown1.FindAllStringSubmatch(got.body, -1) {
			if m[1] == "Command" {
				commands = append(commands, html.UnescapeString(m[2]))
			} else {
				values = append(values, html.UnescapeString(m[2]))
			}
		}
		if len(commands) != 2 || len(values) != 5 {
			t.Fatalf("%d commands and %d values", len(commands), len(values))
		}
		commit, line, leaf, root := values[0], values[1], values[2], values[3]
		for i, want := range []string{commit, leaf} {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", commands[i]).Output()
			if err != nil || !strings.HasPrefix(string(out), want+" ") {
				t.Errorf("%s gives %s, %v; want %s", commands[i], out, err, want)
			}
		}
		if !strings.Contains(line, commit) || line != string(f.log.leaves[n]) {
			t.Errorf("the entry is %s", line)
		}
		hash := leaf
		for _, s := range siblings.FindAllStringSubmatch(got.body, -1) {
			pair := hash + s[2]
			if s[1] == "on the left" {
				pair = s[2] + hash
			}
			hash = node(t, pair)
		}
		if hash != root || root != fmt.Sprintf("%x", f.log.head.Root) {
			t.Errorf("leaf %d: the way leads to %s, not to %s", n, hash, root)
		}
	}
}

// node hashes two hashes, left and right, as RFC 6962 does; it is worked out here from the description on the page alone.
func node(t *testing.T, pair string) string {
	t.Helper()
	var escaped strings.Builder
	for i := 0; i < len(pair); i += 2 {
		v, err := strconv.ParseUint(pair[i:i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&escaped, `\%03o`, v)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '\001`+escaped.String()+`' | sha256sum`).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out[:64])
}

func TestAProofToKeep(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	got := d.get("/record/proof?address="+url.QueryEscape("https://social.example/@elena/37")).is(t, "the proof", http.StatusOK)
	if got.header.Get("Content-Disposition") != `attachment; filename="comment-37.tlog-proof"` || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", got.header)
	}
	proof, checkpoint, ok := strings.Cut(got.body, "\n\n")
	lines := strings.Split(proof, "\n")
	if !ok || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") || lines[2] != "index 37" {
		t.Fatalf("the proof is\n%s", got.body)
	}
	head, err := merkle.Open([]byte(checkpoint), f.log.verifier)
	if err != nil {
		t.Fatal(err)
	}
	var hashes []merkle.Hash
	for _, l := range lines[3:] {
		b, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(b) != 32 {
			t.Fatalf("%q: %v", l, err)
		}
		hashes = append(hashes, merkle.Hash(b))
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	var extra struct{ Address, Salt, Leaf string }
	if err == nil {
		err = json.Unmarshal(b, &extra)
	}
	if err != nil || extra.Address != "https://social.example/@elena/37" || extra.Salt != fmt.Sprintf("%x", salt) {
		t.Errorf("extra is %+v, %v", extra, err)
	}
	if err := merkle.CheckInclusion(head, 37, []byte(extra.Leaf), hashes); err != nil {
		t.Error(err)
	}
	d.get("/record/proof?address=https://x.example/1").is(t, "of nothing", http.StatusNotFound)
	// A record that does not prove what it holds is our fault, and is not shown as a proof.
	f.log.head.Root[0] ^= 1
	if got := d.get("/record/find?address=https://social.example/@elena/37"); got.status != http.StatusInternalServerError {
		t.Errorf("a record that is broken: %d", got.status)
	}
}

func TestWhatBecameOfAComment(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	look := func() answer {
		return d.get("/record/find?lang=it&address=https://social.example/@elena/37").is(t, "looking", http.StatusOK)
	}
	for _, c := range []struct {
		found growth.Found
		says  []string
		not   string
	}{
		{growth.Found{State: growth.Dismissed, Reason: record.Question}, []string{"Giudicato non una critica", "È una domanda."}, "Accolta"},
		{growth.Found{State: growth.ToDecide}, []string{"Non è ancora deciso"}, "Contata"},
		{growth.Found{State: growth.Counted}, []string{"nessun caso ancora"}, "Accolta"},
		{growth.Found{State: growth.Counted, CaseState: growth.CaseChanging, CaseTitle: both("Manici", "")}, []string{"Accolta in un caso", "Manici. La stiamo cambiando"}, "nessun caso"},
		{growth.Found{State: growth.Counted, CaseState: growth.CaseDeclined, CaseTitle: both("Sconti", "")}, []string{"Non verrà cambiato", `href="/crescita#declined"`}, "Ha portato"},
		{growth.Found{State: growth.Counted, CaseState: growth.CaseChanged, CaseTitle: both("Scatole", "")}, []string{"Ha portato a un cambiamento"}, "Leggi che cosa"},
	} {
		c.found.RecordedAt = day(2026, 3, 8)
		f.found = c.found
		got := look().says(t, string(c.found.State)+string(c.found.CaseState), append(c.says, "Registrato l’8 marzo 2026")...)
		if strings.Contains(got.body, c.not) {
			t.Errorf("%v says %q", c.found, c.not)
		}
	}
	for _, reason := range record.Reasons {
		f.found = growth.Found{State: growth.Dismissed, Reason: reason, RecordedAt: day(2026, 3, 8)}
		if !regexp.MustCompile(`Giudicato non una critica</p><p>[^<]+</p>`).MatchString(look().body) {
			t.Errorf("%s has no words", reason)
		}
	}
	for _, address := range []string{"", "ftp://x.example/1", "mailto:a@b.example", strings.Repeat("x", 3000)} {
		d.get("/record/find?address="+url.QueryEscape(address)).is(t, "no address", http.StatusUnprocessableEntity)
	}
	if got := d.get("/record/find"); got.status != http.StatusSeeOther {
		t.Errorf("without an address: %d", got.status)
	}
}
