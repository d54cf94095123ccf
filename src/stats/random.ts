/** A stream of random numbers that its seed decides. */
export interface Random {
  /** Whole number in [0, 2³²). */
  uint32(): number;
  /** In [0, 1), 32 random bits. */
  uniform(): number;
  /** Whole number in [0, bound), each equally likely; bound in 1..2³². */
  below(bound: number): number;
}

/**
 * xoshiro128** 1.1 (Blackman & Vigna 2018), its four words of state filled by splitmix32 from a 32-bit seed.
 * @param seed whole number; only its low 32 bits count
 */
export function createRandom(seed: number): Random {
  const state = new Uint32Array(4);
  let word = seed >>> 0;
  for (let i = 0; i < 4; i++) {
    word = (word + 0x9e3779b9) >>> 0;
    state[i] = mix(word);
  }
  return randomFrom(state);
}

/** The stream from a given state, which must not be all zeros and is advanced in place. */
export function randomFrom(state: Uint32Array): Random {
  const uint32 = (): number => {
    const result = Math.imul(rotate(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotate(state[3]!, 11);
    return result;
  };
  return {
    uint32,
    uniform: () => uint32() / 2 ** 32,
    below(bound) {
      // Values from the incomplete last stretch would make small results likelier.
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let value = uint32();
      while (value >= limit) value = uint32();
      return value % bound;
    },
  };
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

function mix(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
