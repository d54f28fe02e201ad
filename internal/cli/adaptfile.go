package cli

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	_ "image/gif" // sizes of pictures
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"os"

	"github.com/bep/imagemeta"
	_ "golang.org/x/image/webp"

	"github.com/ponte-desk/ponte/internal/adapt"
)

// errFile says that a file is neither a picture nor a video.
var errFile = errors.New("neither a picture nor a video")

// inspect finds out what a file is: its type, its size, how long it plays and how it is encoded.
func inspect(path string) (m adapt.Media, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return m, err
	}
	m.Bytes = info.Size()
	first := make([]byte, 512)
	n, err := io.ReadFull(f, first)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return m, err
	}
	m.MIME = http.DetectContentType(first[:n])
	switch m.MIME {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		m.Kind = adapt.Image
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return m, err
		}
		c, _, err := image.DecodeConfig(f)
		if err != nil {
			return m, err
		}
		m.Width, m.Height = c.Width, c.Height
		if m.MIME == "image/gif" && moves(f) {
			m.Kind = adapt.Animation
		}
		if m.MIME == "image/jpeg" && turned(f) {
			m.Width, m.Height = m.Height, m.Width
		}
		return m, nil
	case "image/bmp":
		m.Kind = adapt.Image
		return m, nil
	case "video/webm":
		m.Kind = adapt.Video
		return m, nil
	}
	if n >= 12 && string(first[4:8]) == "ftyp" {
		m.Kind, m.MIME = adapt.Video, "video/mp4"
		if string(first[8:12]) == "qt  " {
			m.MIME = "video/quicktime"
		}
		film(f, 0, info.Size(), 0, &m)
		return m, nil
	}
	return m, errFile
}

// moves tells whether a GIF has more than one picture: it has a second one behind the first.
func moves(f io.ReadSeeker) bool {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false
	}
	b, err := io.ReadAll(io.LimitReader(f, 64<<20))
	if err != nil || len(b) < 13 {
		return false
	}
	table := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	frames := 0
	for i := 13 + table(b[10]); i+10 < len(b); {
		switch b[i] {
		case 0x21:
			i += 2
		case 0x2c:
			frames++
			if frames > 1 {
				return true
			}
			i += 10 + table(b[i+9]) + 1
		default:
			return false
		}
		for i < len(b) && b[i] != 0 {
			i += 1 + int(b[i])
		}
		i++
	}
	return false
}

// turned tells whether a photograph lies on its side.
func turned(f io.ReadSeeker) bool {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false
	}
	side := false
	_, err := imagemeta.Decode(imagemeta.Options{
		R: f, ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if o, ok := t.Value.(uint16); ok && o >= 5 && o <= 8 {
				side = true
			}
			return nil
		},
	})
	return err == nil && side
}

// film reads the boxes of an MP4 or QuickTime file (ISO/IEC 14496-12): how long it plays, its size, its codec.
func film(f io.ReaderAt, at, end int64, depth int, m *adapt.Media) {
	side, width, height := false, m.Width, m.Height
	defer func() {
		if side && (m.Width != width || m.Height != height) {
			m.Width, m.Height = m.Height, m.Width
		}
	}()
	for boxes := 0; at+8 <= end && boxes < 10_000; boxes++ {
		var head [16]byte
		if _, err := f.ReadAt(head[:8], at); err != nil {
			return
		}
		size, header := int64(binary.BigEndian.Uint32(head[:4])), int64(8)
		name := string(head[4:8])
		switch size {
		case 0:
			size = end - at
		case 1:
			if _, err := f.ReadAt(head[:16], at); err != nil {
				return
			}
			size, header = int64(binary.BigEndian.Uint64(head[8:16])), 16
		}
		if size < header || size > end-at {
			return
		}
		body := func(most int64) []byte {
			b := make([]byte, min(size-header, most))
			n, _ := f.ReadAt(b, at+header)
			return b[:n]
		}
		switch name {
		case "moov", "trak", "mdia", "minf", "stbl":
			if depth < 8 {
				film(f, at+header, at+size, depth+1, m)
			}
		case "mvhd":
			if s := seconds(body(32)); s > 0 {
				m.Seconds = s
			}
		case "tkhd":
			side = onItsSide(body(100))
		case "stsd":
			sample(body(64), m)
		}
		at += size
	}
}

// seconds reads how long a film plays from its header.
func seconds(b []byte) float64 {
	var scale, length float64
	switch {
	case len(b) >= 32 && b[0] == 1:
		scale, length = float64(binary.BigEndian.Uint32(b[20:])), float64(binary.BigEndian.Uint64(b[24:]))
	case len(b) >= 20 && b[0] == 0:
		scale, length = float64(binary.BigEndian.Uint32(b[12:])), float64(binary.BigEndian.Uint32(b[16:]))
	}
	if scale == 0 {
		return 0
	}
	return length / scale
}

// onItsSide tells whether a track is shown turned by a quarter, as telephones film.
func onItsSide(b []byte) bool {
	matrix := 40
	if len(b) > 0 && b[0] == 1 {
		matrix = 52
	}
	if len(b) < matrix+8 {
		return false
	}
	return binary.BigEndian.Uint32(b[matrix:]) == 0 && binary.BigEndian.Uint32(b[matrix+4:]) != 0
}

// codecs are the names of the encodings of pictures.
var codecs = map[string]string{
	"avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "vp08": "vp8", "vp09": "vp9", "av01": "av1", "mp4v": "mpeg4",
	"apch": "prores", "apcn": "prores", "apcs": "prores", "ap4h": "prores",
}

// sample reads how the pictures of a track are encoded, and their size.
func sample(b []byte, m *adapt.Media) {
	if len(b) < 8+8+28 {
		return
	}
	entry := b[8:]
	codec, ok := codecs[string(bytes.ToLower(entry[4:8]))]
	if !ok {
		return // sound, or something else
	}
	m.Codec = codec
	m.Width, m.Height = int(binary.BigEndian.Uint16(entry[32:])), int(binary.BigEndian.Uint16(entry[34:]))
}
