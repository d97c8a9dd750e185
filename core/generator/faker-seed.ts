import { faker } from '@faker-js/faker/locale/en'
import { createRandom } from '../base/random.ts'

/**
 * Points Faker's one shared stream at a place that depends on seed and purpose only. What is drawn right after it, in
 * one synchronous stretch, is therefore always the same.
 */
export function seedFaker(seed: number, purpose: string): void {
  faker.seed(Math.floor(createRandom(seed, `faker/${purpose}`).next() * 2_147_483_647))
}
