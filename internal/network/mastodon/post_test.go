package mastodon_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

// TestManyAtOnce: Mastodon refuses to give more than twenty statuses together.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{}, {GoToSocial: true}} {
		d := setup(t, o)
		var ids []string
		for i := range 50 {
			ids = append(ids, ours(t, d, fmt.Sprintf("post %d", i)).RemoteID)
		}
		before := d.s.Calls("GET /api/v1/statuses")
		items, err := d.c.Refresh(t.Context(), ids)
		if err != nil || len(items) != 50 {
			t.Fatalf("Refresh: %d of 50, %v", len(items), err)
		}
		counts, err := d.c.Counts(t.Context(), ids[:25])
		if err != nil || len(counts) != 25 {
			t.Fatalf("Counts: %d of 25, %v", len(counts), err)
		}
		if n := d.s.Calls("GET /api/v1/statuses") - before; !o.GoToSocial && n != 3+2 {
			t.Errorf("asked %d times", n)
		}
	}
}

func TestCountsToldAndNotTold(t *testing.T) {
	t.Parallel()
	for _, o := range []mastodontest.Options{{}, {GoToSocial: true}} {
		d := setup(t, o)
		r := ours(t, d, "bread")
		must(t)(d.ada.Reply(t.Context(), r.RemoteID, "good"))
		got, err := d.c.Counts(t.Context(), []string{r.RemoteID, "404"})
		want := []network.Counts{
			{RemoteID: r.RemoteID, Reactions: network.Counted(0), Replies: network.Counted(1), Shares: network.Counted(0)},
			{RemoteID: "404", Gone: true},
		}
		if !o.GoToSocial {
			want[0].Quotes = network.Counted(0)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
}

func TestCountsFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault   mastodontest.Fault
		verdict network.Verdict
		key     string
	}{
		"hung up":           {mastodontest.Fault{Way: mastodontest.HangUp}, network.Later, network.ProblemUnreachable},
		"500":               {mastodontest.Fault{Way: mastodontest.Fail}, network.Later, network.ProblemServer},
		"429":               {mastodontest.Fault{Way: mastodontest.TooMany, RetryAfter: time.Minute}, network.Later, network.ProblemRate},
		"401":               {mastodontest.Fault{Way: mastodontest.Fail, Status: 401}, network.Reconnect, network.ProblemRevoked},
		"a page for people": {mastodontest.Fault{Way: mastodontest.Garbage}, network.Later, network.ProblemAnswer},
	} {
		for _, ids := range []int{1, 2} { // by itself, and together
			d := setup(t, mastodontest.Options{})
			var all []string
			for i := range ids {
				all = append(all, ours(t, d, fmt.Sprint(i)).RemoteID)
			}
			tt.fault.Endpoint, tt.fault.Times = "GET /api/v1/statuses*", -1
			d.s.Inject(tt.fault)
			got, err := d.c.Counts(t.Context(), all)
			if p := problem(t, err); p.Verdict != tt.verdict || p.Key != tt.key || p.Uncertain || len(got) != 0 {
				t.Errorf("%s, %d: %+v, %v", name, ids, got, err)
			}
		}
	}
}

const editing = "PUT /api/v1/statuses/"

func TestEditFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault     mastodontest.Fault
		verdict   network.Verdict
		key       string
		uncertain bool
		done      bool
	}{
		"done and hung up":           {mastodontest.Fault{Way: mastodontest.HangUp}, network.Later, network.ProblemUnreachable, true, true},
		"hung up before":             {mastodontest.Fault{Way: mastodontest.HangUpBefore}, network.Later, network.ProblemUnreachable, true, false},
		"done and 504":               {mastodontest.Fault{Way: mastodontest.FailAfter}, network.Later, network.ProblemServer, true, true},
		"done and a page for people": {mastodontest.Fault{Way: mastodontest.Garbage}, network.Later, network.ProblemAnswer, true, true},
		"500":                        {mastodontest.Fault{Way: mastodontest.Fail}, network.Later, network.ProblemServer, true, false},
		"429":                        {mastodontest.Fault{Way: mastodontest.TooMany}, network.Later, network.ProblemRate, false, false},
		"401":                        {mastodontest.Fault{Way: mastodontest.Fail, Status: 401}, network.Reconnect, network.ProblemRevoked, false, false},
		"403 and the scope is held":  {mastodontest.Fault{Way: mastodontest.Fail, Status: 403}, network.Never, network.ProblemRefused, false, false},
		"404 and it is there":        {mastodontest.Fault{Way: mastodontest.Fail, Status: 404}, network.Never, network.ProblemUnsupported, false, false},
		"405":                        {mastodontest.Fault{Way: mastodontest.Fail, Status: 405}, network.Never, network.ProblemUnsupported, false, false},
		"422":                        {mastodontest.Fault{Way: mastodontest.Fail, Status: 422}, network.Never, network.ProblemRefused, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := setup(t, mastodontest.Options{})
			r := ours(t, d, "at six")
			f := tt.fault
			f.Endpoint = editing + r.RemoteID
			d.s.Inject(f)
			m := message("at seven")
			_, err := d.c.Edit(t.Context(), r.RemoteID, m)
			if p := problem(t, err); p.Verdict != tt.verdict || p.Key != tt.key || p.Uncertain != tt.uncertain || strings.Contains(p.Error(), "seven") {
				t.Errorf("%v", p)
			}
			if n := d.s.Calls(editing + r.RemoteID); n != 1 {
				t.Errorf("%d calls for one attempt", n)
			}
			if got := d.s.Standing("ponte"); len(got) != 1 || (got[0].Text == "at seven") != tt.done {
				t.Errorf("%+v", got)
			}
			if !tt.uncertain {
				return
			}
			// Asked for again, it is there, once.
			if again, err := d.c.Edit(t.Context(), r.RemoteID, m); err != nil || again.RemoteID != r.RemoteID {
				t.Errorf("again: %+v, %v", again, err)
			}
			if got := d.s.Standing("ponte"); len(got) != 1 || got[0].Text != "at seven" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestEditWhereItIsNotWhole(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{NoEdit: true})
	r := ours(t, d, "stays")
	_, err := d.c.Edit(t.Context(), r.RemoteID, message("goes"))
	if p := problem(t, err); p.Key != network.ProblemUnsupported || p.Verdict != network.Never {
		t.Errorf("%v", p)
	}
	d = setup(t, mastodontest.Options{OldEdit: true})
	m := message("with a picture")
	m.Media = []network.Upload{networktest.Picture("one.png", "a loaf")}
	if r, err = d.c.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Media = []network.Upload{{RemoteID: r.Media[0], Alt: "a loaf"}}
	m.Text = "other words"
	if _, err := d.c.Edit(t.Context(), r.RemoteID, m); err != nil {
		t.Error(err)
	}
	m.Media[0].Alt = "a burnt loaf"
	got, err := d.c.Edit(t.Context(), r.RemoteID, m)
	if p := problem(t, err); p.Key != network.ProblemUnsupported || p.Uncertain || got.RemoteID != r.RemoteID {
		t.Errorf("%+v, %v", got, p)
	}
}

func TestFocus(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{})
	m := message("three pictures")
	for _, f := range [][2]float64{{0, 0}, {-0.5, 0.25}, {-7, 1.0004}} {
		u := networktest.Picture("p.png", "p")
		u.FocusX, u.FocusY = f[0], f[1]
		m.Media = append(m.Media, u)
	}
	r, err := d.c.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.s.Standing("ponte")[0].Focus; !slices.Equal(got, []string{"", "-0.500,0.250", "-1.000,1.000"}) {
		t.Errorf("%q", got)
	}
	m.Media = []network.Upload{{RemoteID: r.Media[1], Alt: "p"}} // back to the middle
	if _, err := d.c.Edit(t.Context(), r.RemoteID, m); err != nil {
		t.Fatal(err)
	}
	if got := d.s.Standing("ponte")[0].Focus; !slices.Equal(got, []string{"0.0,0.0"}) {
		t.Errorf("%q", got)
	}
}

// film is enough of an MP4 to be taken for one.
func film(name string) network.Upload {
	data := append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), make([]byte, 4096)...)
	return network.Upload{
		Name: name, MIME: "video/mp4", Alt: "a film", Size: int64(len(data)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}

func TestFilmsAndTooManyFiles(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{WorkingOn: 2})
	m := message("a film")
	m.Media = []network.Upload{film("one.mp4")}
	r, err := d.c.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	items, err := d.c.Refresh(t.Context(), []string{r.RemoteID})
	if err != nil || len(items) != 1 || len(items[0].Media) != 1 || items[0].Media[0].Kind != network.Video || items[0].Media[0].Alt != "a film" {
		t.Errorf("%+v, %v", items, err)
	}
	m = message("a film and a picture")
	m.Media = []network.Upload{film("one.mp4"), networktest.Picture("one.png", "")}
	_, err = d.c.Publish(t.Context(), m)
	if p := problem(t, err); p.Verdict != network.Never || p.Uncertain {
		t.Errorf("%v", p)
	}
	m = message("five pictures")
	for range 5 {
		m.Media = append(m.Media, networktest.Picture("one.png", ""))
	}
	before := d.s.Calls("POST /api/v2/media")
	_, err = d.c.Publish(t.Context(), m)
	if p := problem(t, err); p.Key != network.ProblemMedia || p.Verdict != network.Never {
		t.Errorf("%v", p)
	}
	if n := d.s.Calls("POST /api/v2/media"); n != before {
		t.Errorf("%d files were uploaded for nothing", n-before)
	}
	// Another server takes six.
	d = setup(t, mastodontest.Options{GoToSocial: true})
	if _, err = d.c.Publish(t.Context(), m); err != nil {
		t.Error(err)
	}
}

func TestAllLimitsAreRead(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		o    mastodontest.Options
		want network.Limits
	}{
		"mastodon": {mastodontest.Options{}, network.Limits{Characters: 500, LinkLength: 23, Attach: 4, AltText: 1500}},
		"described the old way": {
			mastodontest.Options{OldInstance: true, Characters: 777},
			network.Limits{Characters: 777, LinkLength: 23, Attach: 4, AltText: 1500},
		},
		"gotosocial": {mastodontest.Options{GoToSocial: true}, network.Limits{Characters: 5000, Attach: 6, AltText: 1500}},
	} {
		d := setup(t, tt.o)
		got, err := d.c.Limits(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got.MIMETypes) != 8 {
			t.Errorf("%s: %q", name, got.MIMETypes)
		}
		got.MIMETypes = nil
		w := tt.want
		w.ImageBytes, w.VideoBytes, w.AudioBytes = 16<<20, 103809024, 103809024
		w.ImagePixels, w.VideoPixels, w.VideoFrames = 33177600, 8294400, 120
		if fmt.Sprint(got) != fmt.Sprint(w) {
			t.Errorf("%s: %+v, want %+v", name, got, w)
		}
	}
	// What a server does not tell, or calls unlimited, stays unknown; what a message needs comes from the documentation.
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/instance" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"uri":"x.example","version":"2.7.2","max_toot_chars":1000,"configuration":{"media_attachments":{"video_frame_rate_limit":2147483647,"image_matrix_limit":2147483647}}}`)
	}))
	defer srv.Close()
	got, err := connector().Open(network.Credentials{ServerURL: srv.URL, AccessToken: "x"}, nil).Limits(t.Context())
	if err != nil || got.Characters != 1000 || got.Attach != 4 || got.AltText != 1500 || got.ImageBytes == 0 || got.VideoBytes == 0 ||
		got.ImagePixels != 0 || got.VideoPixels != 0 || got.VideoFrames != 0 || got.VideoSeconds != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
