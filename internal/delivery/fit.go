package delivery

import (
	"strings"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
)

// Measured is a file as adapt sees it.
func Measured(f media.File, alt string, focusX, focusY float64) adapt.Media {
	kind := adapt.Image
	switch {
	case strings.HasPrefix(f.MIME, "video/"):
		kind = adapt.Video
	case f.MIME == "image/gif":
		kind = adapt.Animation
	}
	return adapt.Media{Kind: kind, MIME: f.MIME, Bytes: f.Bytes, Width: f.Width, Height: f.Height, Alt: alt, FocusX: focusX, FocusY: focusY}
}

// Fit gives a file the form in which a place takes it. goes is false when no change of its pixels helps.
func Fit(a Attachment, m adapt.Media, rules adapt.MediaRules) (_ Attachment, goes bool) {
	plan := adapt.FitMediaTo(m, rules)
	if !plan.Change || plan.Refused != "" || m.Width <= 0 || m.Height <= 0 {
		return a, plan.Refused == ""
	}
	a.Form = &media.Form{Width: plan.Width, Height: plan.Height, MIME: plan.MIME, Bytes: plan.Bytes}
	if a.Form.MIME != "image/png" {
		a.Form.MIME = "image/jpeg"
	}
	if plan.Cropped(m) {
		a.Form.X, a.Form.Y, a.Form.PartWidth, a.Form.PartHeight = plan.Crop.X, plan.Crop.Y, plan.Crop.Width, plan.Crop.Height
		a.FocusX, a.FocusY = plan.Focus(m)
	}
	return a, true
}

// MediaRules are what a channel's own server takes, as it told; nil when it has told nothing yet.
func MediaRules(ch network.Channel) *adapt.MediaRules {
	l := ch.Limits
	if l.Characters == 0 {
		return nil
	}
	r := adapt.RulesOf(adapt.Network(ch.Network)).Media
	if l.Attach > 0 {
		r.Most, r.Image.Most = l.Attach, l.Attach
	}
	if l.ImageBytes > 0 {
		r.Image.Bytes = l.ImageBytes
	}
	if l.ImagePixels > 0 {
		r.Image.MaxPixels = int(l.ImagePixels)
	}
	if r.Video.Bytes = l.VideoBytes; l.VideoBytes <= 0 {
		r.Video.Most = -1
	}
	if l.VideoPixels > 0 {
		r.Video.MaxPixels = int(l.VideoPixels)
	}
	if l.VideoSeconds > 0 {
		r.Video.MaxSeconds = float64(l.VideoSeconds)
	}
	for _, f := range []struct {
		rules *adapt.FileRules
		kind  string
	}{{&r.Image, "image/"}, {&r.Video, "video/"}} {
		var known []string
		for _, m := range l.MIMETypes {
			if strings.HasPrefix(m, f.kind) {
				known = append(known, m)
			}
		}
		if len(known) > 0 {
			f.rules.MIME = known
		}
	}
	if l.AltText > 0 {
		r.Image.Alt, r.Animation.Alt, r.Video.Alt = l.AltText, l.AltText, min(r.Video.Alt, l.AltText)
	}
	return &r
}
