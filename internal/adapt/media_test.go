package adapt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/adapt"
)

func photo() adapt.Media {
	return adapt.Media{Kind: adapt.Image, MIME: "image/jpeg", Bytes: 900_000, Width: 1200, Height: 1000, Alt: "un vaso"}
}

func video() adapt.Media {
	return adapt.Media{Kind: adapt.Video, MIME: "video/mp4", Bytes: 20_000_000, Width: 1080, Height: 1920, Seconds: 30, Codec: "h264", Alt: "il forno si apre"}
}

func TestMediaNotes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		n      adapt.Network
		media  []adapt.Media
		key    string
		refuse bool
	}{
		{"fine", adapt.Mastodon, []adapt.Media{photo()}, "", false},
		{"no description", adapt.Mastodon, []adapt.Media{{Kind: adapt.Image}}, "adapt.alt_missing", false},
		{"description too long", adapt.X, []adapt.Media{{Kind: adapt.Image, Alt: strings.Repeat("a", 1001)}}, "adapt.alt_too_long", true},
		{"no place for it", adapt.Telegram, []adapt.Media{photo()}, "adapt.alt_no_place", false},
		{"five", adapt.Bluesky, slices.Repeat([]adapt.Media{photo()}, 5), "adapt.media_too_many", true},
		{"mixed", adapt.Mastodon, []adapt.Media{photo(), video()}, "adapt.media_mixed", true},
		{"mixed where it is fine", adapt.Threads, []adapt.Media{photo(), video()}, "", false},
		{"no place for a video's", adapt.Instagram, []adapt.Media{photo(), video()}, "adapt.alt_no_place", false},
		{"none", adapt.Pinterest, nil, "adapt.needs_media", true},
		{"cropped", adapt.Instagram, []adapt.Media{{Kind: adapt.Image, MIME: "image/jpeg", Width: 4000, Height: 1000, Alt: "a"}}, "adapt.image_cropped", false},
		{"made smaller", adapt.Bluesky, []adapt.Media{{Kind: adapt.Image, MIME: "image/jpeg", Bytes: 9_000_000, Width: 4000, Height: 3000, Alt: "a"}}, "adapt.image_changed", false},
		{"too small", adapt.Google, []adapt.Media{{Kind: adapt.Image, MIME: "image/jpeg", Width: 200, Height: 200, Alt: "a"}}, "adapt.media_small", true},
		{"video where there is none", adapt.Google, []adapt.Media{video()}, "adapt.kind_refused", true},
		{"too heavy", adapt.Telegram, []adapt.Media{{Kind: adapt.Video, MIME: "video/mp4", Bytes: 51_000_000}}, "adapt.media_bytes", true},
		{"too long", adapt.Threads, []adapt.Media{{Kind: adapt.Video, MIME: "video/mp4", Seconds: 301, Alt: "a"}}, "adapt.media_seconds", true},
		{"too short", adapt.LinkedIn, []adapt.Media{{Kind: adapt.Video, MIME: "video/mp4", Seconds: 2, Alt: "a"}}, "adapt.media_short", true},
		{"codec", adapt.Instagram, []adapt.Media{{Kind: adapt.Video, MIME: "video/mp4", Codec: "vp9", Alt: "a"}}, "adapt.media_codec", true},
		{"type", adapt.Bluesky, []adapt.Media{{Kind: adapt.Video, MIME: "video/webm", Alt: "a"}}, "adapt.media_type", true},
		{"shape", adapt.X, []adapt.Media{{Kind: adapt.Video, MIME: "video/mp4", Width: 2000, Height: 500, Alt: "a"}}, "adapt.media_aspect", true},
		{"moves no more", adapt.Instagram, []adapt.Media{{Kind: adapt.Animation, MIME: "image/gif", Alt: "a"}}, "adapt.animation_still", false},
		{"large animation", adapt.X, []adapt.Media{{Kind: adapt.Animation, MIME: "image/gif", Width: 1400, Height: 700, Alt: "a"}}, "adapt.media_large", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := adapt.Fit(adapt.Message{Text: "Ciao.", Media: c.media}, adapt.Target{Network: c.n})
			if c.key != "" && !has(v, c.key) || c.key == "" && len(v.Notes) > 0 || v.Refused() != c.refuse {
				t.Errorf("refused %v: %+v", v.Refused(), v.Notes)
			}
		})
	}
}

func TestMediaAreSpreadOverAThread(t *testing.T) {
	t.Parallel()
	m := adapt.Message{Text: strings.Repeat("Una frase che serve. ", 30), Media: slices.Repeat([]adapt.Media{photo()}, 6)}
	v := adapt.Fit(m, adapt.Target{Network: adapt.Bluesky})
	if v.Refused() || len(v.Parts) < 2 || !slices.Equal(v.Parts[0].Media, []int{0, 1, 2, 3}) || !slices.Equal(v.Parts[1].Media, []int{4, 5}) {
		t.Errorf("%+v", v)
	}
	own := adapt.RulesOf(adapt.Mastodon).Media
	own.Most, own.Image.Most = 16, 16
	v = adapt.Fit(adapt.Message{Text: "Ciao.", Media: m.Media}, adapt.Target{Network: adapt.Mastodon, Media: &own})
	if v.Refused() || len(v.Parts[0].Media) != 6 {
		t.Errorf("a place's own limits: %+v", v)
	}
}

func TestWhatMovesGoesAsAPictureWhereNothingMoves(t *testing.T) {
	t.Parallel()
	gif := adapt.Media{Kind: adapt.Animation, MIME: "image/gif", Width: 500, Height: 500, Alt: "la ruota gira"}
	v := adapt.Fit(adapt.Message{Text: "Ciao.", Media: []adapt.Media{gif, photo()}}, adapt.Target{Network: adapt.Bluesky})
	if v.Refused() || !slices.Equal(v.Parts[0].Media, []int{0, 1}) || !has(v, "adapt.animation_still") {
		t.Errorf("%+v", v)
	}
	v = adapt.Fit(adapt.Message{Text: "Ciao.", Media: []adapt.Media{gif, photo()}}, adapt.Target{Network: adapt.X})
	if !v.Refused() || !has(v, "adapt.media_mixed") {
		t.Errorf("%+v", v)
	}
}

func TestFitMedia(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		m    adapt.Media
		n    adapt.Network
		want adapt.Plan
	}{
		{
			"as it is", photo(), adapt.Mastodon,
			adapt.Plan{Width: 1200, Height: 1000, MIME: "image/jpeg", Crop: adapt.Rect{Width: 1200, Height: 1000}, Bytes: 16 << 20},
		},
		{
			"smaller sides",
			adapt.Media{Kind: adapt.Image, MIME: "image/jpeg", Width: 4000, Height: 3000},
			adapt.Bluesky,
			adapt.Plan{Change: true, Width: 2000, Height: 1500, MIME: "image/jpeg", Crop: adapt.Rect{Width: 4000, Height: 3000}, Bytes: 2_000_000},
		},
		{
			"wide, the middle",
			adapt.Media{Kind: adapt.Image, MIME: "image/jpeg", Width: 4000, Height: 1000},
			adapt.Instagram,
			adapt.Plan{Change: true, Width: 1440, Height: 753, MIME: "image/jpeg", Crop: adapt.Rect{X: 1045, Width: 1910, Height: 1000}, Bytes: 8 << 20},
		},
		{
			"wide, the right",
			adapt.Media{Kind: adapt.Image, MIME: "image/jpeg", Width: 4000, Height: 1000, FocusX: 1},
			adapt.Instagram,
			adapt.Plan{Change: true, Width: 1440, Height: 753, MIME: "image/jpeg", Crop: adapt.Rect{X: 2090, Width: 1910, Height: 1000}, Bytes: 8 << 20},
		},
		{
			"tall, towards the top",
			adapt.Media{Kind: adapt.Image, MIME: "image/jpeg", Width: 1000, Height: 2000, FocusY: 0.2},
			adapt.Instagram,
			adapt.Plan{Change: true, Width: 1000, Height: 1250, MIME: "image/jpeg", Crop: adapt.Rect{Y: 175, Width: 1000, Height: 1250}, Bytes: 8 << 20},
		},
		{
			"another form",
			adapt.Media{Kind: adapt.Image, MIME: "image/webp", Width: 1000, Height: 1000},
			adapt.Threads,
			adapt.Plan{Change: true, Width: 1000, Height: 1000, MIME: "image/png", Crop: adapt.Rect{Width: 1000, Height: 1000}, Bytes: 8_000_000},
		},
		{
			"sides together",
			adapt.Media{Kind: adapt.Image, MIME: "image/jpeg", Width: 8000, Height: 8000},
			adapt.Telegram,
			adapt.Plan{Change: true, Width: 5000, Height: 5000, MIME: "image/jpeg", Crop: adapt.Rect{Width: 8000, Height: 8000}, Bytes: 10_000_000},
		},
		{
			"a heavy drawing becomes a photograph",
			adapt.Media{Kind: adapt.Image, MIME: "image/png", Bytes: 9_000_000, Width: 900, Height: 900},
			adapt.X,
			adapt.Plan{Change: true, Width: 900, Height: 900, MIME: "image/jpeg", Crop: adapt.Rect{Width: 900, Height: 900}, Bytes: 5_000_000},
		},
	} {
		got := adapt.FitMedia(c.m, c.n)
		if got.Change != c.want.Change || got.Width != c.want.Width || got.Height != c.want.Height || got.MIME != c.want.MIME || got.Crop != c.want.Crop || got.Bytes != c.want.Bytes || got.Refused != "" {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
	if p := adapt.FitMedia(video(), adapt.Google); p.Refused != "adapt.kind_refused" {
		t.Errorf("%+v", p)
	}
	if p := adapt.FitMedia(adapt.Media{Kind: adapt.Animation, MIME: "image/gif", Width: 500, Height: 500}, adapt.Instagram); !p.Change || p.MIME != "image/jpeg" || p.Refused != "" {
		t.Errorf("%+v", p)
	}
}
