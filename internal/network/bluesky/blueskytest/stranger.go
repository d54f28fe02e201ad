package blueskytest

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"

	"github.com/ponte-desk/ponte/internal/networktest"
)

// Stranger acts as one person towards another, as the conformance suite wants it.
type Stranger struct {
	Me *Person
	To *Person
}

var _ networktest.Stranger = Stranger{}

// Handle implements networktest.Stranger.
func (s Stranger) Handle() string { return s.Me.Handle }

// Reply implements networktest.Stranger.
func (s Stranger) Reply(ctx context.Context, remoteID, text string) (string, error) {
	return s.Me.Reply(ctx, remoteID, text)
}

// Mention implements networktest.Stranger.
func (s Stranger) Mention(ctx context.Context, text string) (string, error) {
	return s.Me.Mention(ctx, s.To, text)
}

// Message implements networktest.Stranger. The protocol has no private messages for clients like ours.
func (s Stranger) Message(context.Context, string) (string, error) { return "", errors.ErrUnsupported }

// PostWithMedia implements networktest.Stranger.
func (s Stranger) PostWithMedia(ctx context.Context, text, alt string) (string, error) {
	embed, err := s.Me.Picture(ctx, "image/png", picture(), alt)
	if err != nil {
		return "", err
	}
	fields := mention(s.To.Handle, s.To.DID, text)
	fields["embed"] = embed
	return s.Me.PostRecord(ctx, fields)
}

// Like implements networktest.Stranger.
func (s Stranger) Like(ctx context.Context, remoteID string) error {
	_, err := s.Me.Like(ctx, remoteID)
	return err
}

// Share shares a post.
func (s Stranger) Share(ctx context.Context, remoteID string) error {
	_, err := s.Me.Repost(ctx, remoteID)
	return err
}

// Follow implements networktest.Stranger.
func (s Stranger) Follow(ctx context.Context) error {
	_, err := s.Me.Follow(ctx, s.To.DID)
	return err
}

// Edit implements networktest.Stranger. The post names the other still.
func (s Stranger) Edit(ctx context.Context, remoteID, text string) error {
	return s.Me.Edit(ctx, remoteID, "@"+s.To.Handle+" "+text)
}

// Delete implements networktest.Stranger.
func (s Stranger) Delete(ctx context.Context, remoteID string) error {
	return s.Me.Delete(ctx, remoteID)
}

// picture makes a small PNG.
func picture() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for x := range 60 {
		for y := range 40 {
			img.Set(x, y, color.RGBA{uint8(x * 4), uint8(y * 6), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // an encoder in memory that fails is a defect of the test
	}
	return b.Bytes()
}
