package inbox_test

import (
	"bytes"
	"image"
	"image/png"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/team"
)

// A picture of an answer goes in the form in which the network takes it, as one of a post does.
func TestAPictureOfAnAnswerFits(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{ImageBytes: 200 << 10, MIMETypes: []string{"image/jpeg"}}}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "Mi fai vedere il piatto?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		img, r := image.NewRGBA(image.Rect(0, 0, 900, 600)), rand.New(rand.NewPCG(1, 2))
		for i := range img.Pix {
			img.Pix[i] = uint8(r.Uint32N(90)) + 100
		}
		for i := 3; i < len(img.Pix); i += 4 {
			img.Pix[i] = 255
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		f := must[media.File](t)(h.Media.Add(ctx, media.Incoming{Company: string(h.Company.ID), Name: "piatto.png", Body: &b}))
		if f.Bytes < 300<<10 {
			t.Fatalf("%d bytes are no trouble", f.Bytes)
		}
		reply := must[inbox.Reply](t)(h.Inbox.Reply(ctx, h.Actor(team.Community), inbox.ReplyIn{
			Conversation: c.ID, Text: "Eccolo", Media: []delivery.Attachment{{MediaID: string(f.ID), Alt: "Un piatto"}},
		}))
		if d := h.Deliver(reply.Delivery, time.Minute); d.State != delivery.Sent {
			t.Fatalf("%s: %+v", d.State, d.Trouble)
		}
		all := h.Fake.Attempts()
		if u := all[len(all)-1].Media[0]; u.MIME != "image/jpeg" || u.Size > 200<<10 || u.Alt != "Un piatto" || u.Width*2 != u.Height*3 {
			t.Errorf("%s, %d bytes, %d x %d", u.MIME, u.Size, u.Width, u.Height)
		}
		if got := must[inbox.Reply](t)(h.Inbox.GetReply(ctx, h.Actor(team.Owner), reply.ID)); got.Media[0].MediaID != string(f.ID) || got.Media[0].Form != nil {
			t.Errorf("what the team sees is the picture as it was given: %+v", got.Media)
		}
	})
}
