"""Published decoders: their sizes, their weights counted exactly, and their caches.

The sizes are those of each model's paper and of the configuration beside its
weights; `source` names both. The counts follow from them.
"""

from dataclasses import dataclass

from course_lib.scratch.scaling import cache_bytes, decoder_parameters


@dataclass(frozen=True)
class Decoder:
    """The sizes of a decoder of gated blocks with RMS normalisation and rotary positions.

    Attributes:
        vocabulary: tokens in a table.
        width: features of a position.
        depth: blocks.
        inner: width between the three products of a gated half, or of an expert.
        heads: of the queries.
        groups: heads of the keys and of the values.
        source: where the sizes stand.
        head_size: features of a head; None for `width` over `heads`.
        tied: whether the first and the last table are one.
        biases: whether queries, keys and values have them.
        experts: gated halves in a block.
        used: how many of them work for a token.
    """

    vocabulary: int
    width: int
    depth: int
    inner: int
    heads: int
    groups: int
    source: str
    head_size: int | None = None
    tied: bool = False
    biases: bool = False
    experts: int = 1
    used: int = 1

    def parameters(self, active: bool = False) -> int:
        """Return the number of weights; with `active`, of those that work for a token.

        Both count both tables, or the one where they are one.
        """
        return decoder_parameters(
            self.vocabulary,
            self.width,
            self.depth,
            self.inner,
            self.heads,
            self.groups,
            head_size=self.head_size,
            tied=self.tied,
            biases=self.biases,
            experts=self.experts,
            used=self.used if active else None,
        )

    def cache_bytes(self, tokens: int = 1, bytes_each: int = 2) -> int:
        """Return the bytes that keys and values of so many tokens take.

        Args:
            tokens: in the cache.
            bytes_each: of one number: 4 in float32, 2 in 16 bits.

        Raises:
            ValueError: when an argument is not positive.
        """
        size = self.width // self.heads if self.head_size is None else self.head_size
        return cache_bytes(self.depth, self.groups * size, tokens, bytes_each=bytes_each)


DECODERS = {
    "SmolLM2 135M": Decoder(
        *(49_152, 576, 30, 1536, 9, 3),
        tied=True,
        source="L. B. Allal and others (2025), SmolLM2: When Smol Goes Big, arXiv:2502.02737; "
        "config.json of HuggingFaceTB/SmolLM2-135M",
    ),
    "Qwen2.5 0.5B": Decoder(
        *(151_936, 896, 24, 4864, 14, 2),
        tied=True,
        biases=True,
        source="A. Yang and others (2024), Qwen2.5 Technical Report, arXiv:2412.15115, table 1; "
        "config.json of Qwen/Qwen2.5-0.5B",
    ),
    "Gemma 2B": Decoder(
        *(256_000, 2048, 18, 16_384, 8, 1),
        head_size=256,
        tied=True,
        source="Gemma Team (2024), Gemma: Open Models Based on Gemini Research and Technology, "
        "arXiv:2403.08295, table 1, where both gated products count as one and the table has "
        "128 rows more; config.json of google/gemma-2b",
    ),
    "Mistral 7B": Decoder(
        *(32_000, 4096, 32, 14_336, 32, 8),
        source="A. Q. Jiang and others (2023), Mistral 7B, arXiv:2310.06825, table 1; "
        "params.json of Mistral-7B-v0.1",
    ),
    "Llama 3 8B": Decoder(
        *(128_256, 4096, 32, 14_336, 32, 8),
        source="A. Grattafiori and others (2024), The Llama 3 Herd of Models, arXiv:2407.21783, "
        "table 3, which counts no special tokens, 256 here; config.json of "
        "meta-llama/Meta-Llama-3-8B",
    ),
    "Mixtral 8x7B": Decoder(
        *(32_000, 4096, 32, 14_336, 32, 8),
        experts=8,
        used=2,
        source="A. Q. Jiang and others (2024), Mixtral of Experts, arXiv:2401.04088, table 1; "
        "config.json of mistralai/Mixtral-8x7B-v0.1",
    ),
}
