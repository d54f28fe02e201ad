package api

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
)

// File is a file that the company keeps.
type File struct {
	ID      string    `json:"id" example:"med_01kjpzx2p0000000000000000m" doc:"Identifier."`
	Name    string    `json:"name" example:"cup.jpg" doc:"Name."`
	Type    string    `json:"type" example:"image/jpeg" doc:"Format of what is kept."`
	Bytes   int64     `json:"bytes" example:"184213" doc:"Size."`
	Width   int       `json:"width,omitempty" example:"1200" doc:"Pixels, of images."`
	Height  int       `json:"height,omitempty" example:"900" doc:"Pixels, of images."`
	Alt     string    `json:"alt,omitempty" example:"Our new cup, blue glaze" doc:"What it shows, for who cannot see it."`
	By      string    `json:"created_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who brought it."`
	Created time.Time `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When."`
}

func fileOf(f media.File) File {
	return File{
		ID: string(f.ID), Name: f.Name, Type: f.MIME, Bytes: f.Bytes, Width: f.Width, Height: f.Height, Alt: f.Alt, By: f.CreatedBy, Created: f.CreatedAt.UTC(),
	}
}

// MediaPath says which one.
type MediaPath struct {
	Media string `path:"media" example:"med_01kjpzx2p0000000000000000m" doc:"The file's identifier."`
}

// FileChange is what of a file is to be changed.
type FileChange struct {
	Alt string `json:"alt" example:"Our new cup, blue glaze" doc:"What it shows, up to 5000 characters; networks allow less."`
}

func (a *API) file(ctx context.Context, c *caller, s string) (media.File, error) {
	id, err := media.ParseID(s)
	if err != nil {
		return media.File{}, media.ErrGone.Because(err)
	}
	return a.rooms.Media.Get(ctx, string(c.actor.Company), id)
}

func (a *API) mediaOperations() {
	add(a, operation{
		id: "add-media", method: http.MethodPost, path: "/media", tag: tagMedia, needs: team.InboxReply, status: http.StatusCreated, calls: true, upload: true,
		summary: "Upload a file", description: "A form (multipart/form-data) with one `file`, and its description as `alt`. " +
			"What a file is is found from its content. Images are written anew, so that place, camera and the like do not come along.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[File], error) {
		f, err := a.upload(ctx, c)
		if err != nil {
			return nil, err
		}
		return answer(fileOf(f)), nil
	})
	a.describeUpload("/media")
	add(a, operation{
		id: "get-media", method: http.MethodGet, path: "/media/{media}", tag: tagMedia, needs: team.InboxRead,
		summary: "Get what is known of a file", description: "Name, format, size and description. The file itself stands at /content.",
	}, func(ctx context.Context, c *caller, in *MediaPath) (*output[File], error) {
		f, err := a.file(ctx, c, in.Media)
		if err != nil {
			return nil, err
		}
		return answer(fileOf(f)), nil
	})
	add(a, operation{
		id: "change-media", method: http.MethodPatch, path: "/media/{media}", tag: tagMedia, needs: team.InboxReply,
		summary: "Describe a file", description: "Changes what a file is said to show.",
	}, func(ctx context.Context, c *caller, in *struct {
		MediaPath
		Body FileChange
	},
	) (*output[File], error) {
		f, err := a.file(ctx, c, in.Media)
		if err != nil {
			return nil, err
		}
		if err := a.rooms.Media.SetAlt(ctx, f.Company, f.ID, in.Body.Alt); err != nil {
			return nil, err
		}
		if f, err = a.file(ctx, c, in.Media); err != nil {
			return nil, err
		}
		return answer(fileOf(f)), nil
	})
	add(a, operation{
		id: "get-media-content", method: http.MethodGet, path: "/media/{media}/content", tag: tagMedia, needs: team.InboxRead, produces: "application/octet-stream",
		summary: "Get a file", description: "The file itself, in its own format. Parts can be asked for (Range).",
	}, func(ctx context.Context, c *caller, in *struct {
		MediaPath
		Size string `query:"size" enum:"whole,large,small" default:"whole" doc:"Images also come smaller: large has 1600 pixels on its longer side, small 400."`
	},
	) (*streamed, error) {
		f, err := a.file(ctx, c, in.Media)
		if err != nil {
			return nil, err
		}
		size := map[string]media.Size{"large": media.Large, "small": media.Small}[in.Size] // whole is zero
		return a.stream(ctx, c, f, size)
	})
}

// stream answers with a file itself.
func (a *API) stream(ctx context.Context, c *caller, f media.File, size media.Size) (*streamed, error) {
	content, err := a.rooms.Media.Open(ctx, f.Company, f.ID, size)
	if err != nil {
		return nil, err
	}
	return &streamed{Body: func(huma.Context) {
		defer func() { _ = content.Close() }() // only read from
		h := c.writer.Header()
		h.Set("Content-Type", content.MIME)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
		h.Set("Cache-Control", "private, max-age=86400")
		h.Set("ETag", strconv.Quote(f.SHA256+"-"+strconv.Itoa(int(size))))
		http.ServeContent(c.writer, c.request, "", time.Time{}, content)
	}}, nil
}

// upload takes in the form that the door has read.
func (a *API) upload(ctx context.Context, c *caller) (f media.File, err error) {
	form := c.request.MultipartForm
	var wrong []fault.Field
	for name := range form.Value {
		if name != "alt" {
			wrong = append(wrong, fault.Field{Name: name, Key: "api.field.unknown"})
		}
	}
	for name := range form.File {
		if name != "file" {
			wrong = append(wrong, fault.Field{Name: name, Key: "api.field.unknown"})
		}
	}
	switch len(form.File["file"]) {
	case 0:
		wrong = append(wrong, fault.Field{Name: "file", Key: "api.field.missing"})
	case 1:
	default:
		wrong = append(wrong, fault.Field{Name: "file", Key: "api.field.many"})
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return f, err
	}
	head := form.File["file"][0]
	body, err := head.Open()
	if err != nil {
		return f, err
	}
	f, err = a.rooms.Media.Add(ctx, media.Incoming{
		Company: string(c.actor.Company), Member: string(c.actor.Member), Name: head.Filename, Alt: c.request.FormValue("alt"), Body: body, MaxBytes: a.options.MaxUpload,
	})
	return f, errors.Join(err, body.Close())
}

// describePart describes a form with a file and nothing else.
func (a *API) describePart(path string) {
	a.describeUpload(path)
	schema := a.huma.OpenAPI().Paths[Prefix+path].Post.RequestBody.Content["multipart/form-data"].Schema
	delete(schema.Properties, "alt")
}

// describeUpload describes the form, which the door reads by itself.
func (a *API) describeUpload(path string) {
	op := a.huma.OpenAPI().Paths[Prefix+path].Post
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
		Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"}, AdditionalProperties: false,
			Properties: map[string]*huma.Schema{
				"file": {Type: huma.TypeString, Format: "binary", Description: "The file."},
				"alt":  {Type: huma.TypeString, Description: "What it shows, up to 5000 characters.", Examples: []any{"Our new cup, blue glaze"}},
			},
		},
	}}}
}
